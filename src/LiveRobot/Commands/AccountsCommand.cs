using System.CommandLine;

using LiveRobot.Platform.Accounts;

namespace LiveRobot.Commands;

/// <summary><c>accounts add</c>, <c>reset</c>, <c>list</c> and <c>code</c>: the administrator's command line, also beside a running server.</summary>
internal static class AccountsCommand
{
    public static Command Build(Option<DirectoryInfo> data) => new("accounts", "Add and list accounts, and give them new passwords.")
    {
        BuildAdd(data),
        BuildReset(data),
        BuildList(data),
        BuildCode(data),
    };

    private static Command BuildAdd(Option<DirectoryInfo> data)
    {
        var name = NameArgument();
        var administrator = new Option<bool>("--admin") { Description = "The account may do everything on this site." };
        var add = new Command("add", "Add an account and print its password.") { name, administrator };
        add.SetAction(async (result, _) =>
        {
            var password = GeneratedPassword.New();
            try
            {
                var accounts = Store.Open(result, data).GetRequiredService<AccountDirectory>();
                if (await accounts.CreateAsync(result.GetRequiredValue(name), password, result.GetValue(administrator)) is null)
                {
                    return await Store.FailAsync("The name, or one that looks like it, is another's or was another's once.");
                }
            }
            catch (ArgumentException exception)
            {
                return await Store.FailAsync(exception);
            }

            Print(password);
            return 0;
        });
        return add;
    }

    private static Command BuildReset(Option<DirectoryInfo> data)
    {
        var name = NameArgument();
        var reset = new Command("reset", "Give an account a new password and print it. Everybody who has signed in with the old one is signed out.") { name };
        reset.SetAction(async (result, _) =>
        {
            var accounts = Store.Open(result, data).GetRequiredService<AccountDirectory>();
            if (await accounts.FindAsync(result.GetRequiredValue(name)) is not { } account)
            {
                return await Store.FailAsync("There is no account of this name.");
            }

            var password = GeneratedPassword.New();
            await accounts.SetPasswordAsync(account, password, keptSession: null);
            Print(password);
            return 0;
        });
        return reset;
    }

    private static Command BuildList(Option<DirectoryInfo> data)
    {
        var list = new Command("list", "List the accounts.");
        list.SetAction(async (result, _) =>
        {
            foreach (var account in await Store.Open(result, data).GetRequiredService<AccountDirectory>().ListAsync())
            {
                Console.WriteLine(account.IsAdministrator ? $"{account.Name}  administrator" : account.Name);
            }

            return 0;
        });
        return list;
    }

    private static Command BuildCode(Option<DirectoryInfo> data)
    {
        var code = new Command("code", "Print a one-time code with which one signs up as administrator, as long as there is none.");
        code.SetAction(async (result, _) =>
        {
            if (await Store.Open(result, data).GetRequiredService<AdministratorCode>().IssueAsync() is { } issued)
            {
                Console.WriteLine(issued);
            }

            return 0;
        });
        return code;
    }

    private static Argument<string> NameArgument() => new("NAME") { Description = "The name of the account." };

    private static void Print(string password) => Console.WriteLine($"password  {password}   (secret; change it after signing in)");
}

using Microsoft.Playwright;

namespace LiveRobot.EndToEnd;

/// <summary>How somebody works a page: by keys alone, seeing at each stop where the focus is, or with a finger.</summary>
internal sealed class Hands(bool keysOnly)
{
    /// <summary>More stops than any page has.</summary>
    private const int MaxStops = 300;

    /// <summary>Presses a button or follows a link.</summary>
    public async Task PressAsync(ILocator target)
    {
        if (!keysOnly)
        {
            await target.ClickAsync();
            return;
        }

        await GoToAsync(target);
        await target.Page.Keyboard.PressAsync("Enter");
    }

    /// <summary>Writes into a field, in place of what is there.</summary>
    public async Task WriteAsync(ILocator field, string text)
    {
        if (!keysOnly)
        {
            await field.FillAsync(text);
            return;
        }

        await GoToAsync(field);
        await field.Page.Keyboard.TypeAsync(text);
    }

    /// <summary>Chooses from a list that drops down.</summary>
    public async Task ChooseAsync(ILocator list, string value)
    {
        if (!keysOnly)
        {
            await list.SelectOptionAsync(value);
            return;
        }

        await GoToAsync(list);
        await StepUntilAsync(list.Page, "ArrowDown", async () => await list.InputValueAsync() == value);
    }

    /// <summary>Chooses from a menu that is open.</summary>
    public async Task ChooseItemAsync(ILocator item)
    {
        if (!keysOnly)
        {
            await item.ClickAsync();
            return;
        }

        await StepUntilAsync(item.Page, "ArrowDown", () => HasFocusAsync(item));
        await item.Page.Keyboard.PressAsync("Enter");
    }

    /// <summary>Opens a dialog and closes it again. By keys, the focus stays in it until then, and goes back to where it was.</summary>
    public async Task OpenAndCloseAsync(ILocator trigger, Func<Task> look)
    {
        var page = trigger.Page;
        await PressAsync(trigger);
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.WaitForAsync();
        await look();
        for (var stop = 0; keysOnly && stop < 15; stop++)
        {
            await page.Keyboard.PressAsync("Tab");
            Assert.True(await dialog.EvaluateAsync<bool>("dialog => dialog.contains(document.activeElement)"), "the focus is in the dialog");
        }

        await page.Keyboard.PressAsync("Escape");
        await dialog.WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        if (keysOnly)
        {
            Assert.True(await HasFocusAsync(trigger), "the focus is back at what opened the dialog");
        }
    }

    private static async Task GoToAsync(ILocator target)
    {
        await target.WaitForAsync();
        await StepUntilAsync(target.Page, "Tab", () => HasFocusAsync(target));

        // A link that covers a whole card has its outline there, and a field may have a shadow of the line that it stands in.
        Assert.True(await target.EvaluateAsync<bool>("""
            element => {
                const isOutlined = part => {
                    const { outlineStyle, outlineWidth } = getComputedStyle(element, part);
                    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
                };
                if (!element.matches(':focus-visible')) return false;
                if (isOutlined(null) || isOutlined('::after')) return true;
                const focused = getComputedStyle(element.parentElement).boxShadow;
                element.blur();
                const blurred = getComputedStyle(element.parentElement).boxShadow;
                element.focus();
                return focused !== blurred;
            }
            """), $"the focus is seen at {target}");
    }

    private static Task<bool> HasFocusAsync(ILocator target) => target.EvaluateAsync<bool>("element => element === document.activeElement");

    private static async Task StepUntilAsync(IPage page, string key, Func<Task<bool>> isThere)
    {
        for (var stop = 0; !await isThere(); stop++)
        {
            Assert.True(stop < MaxStops, $"{key} leads there on {page.Url}");
            await page.Keyboard.PressAsync(key);
        }
    }
}

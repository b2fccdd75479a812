using System.Text.Json;

using LiveRobot.Testing;

using Microsoft.Playwright;

namespace LiveRobot.EndToEnd;

/// <summary>What axe-core finds wrong with a page for those who see, hear or move otherwise.</summary>
internal static class Accessibility
{
    private static readonly string Axe = File.ReadAllText(Path.Combine(Repository.Root, "web/node_modules/axe-core/axe.min.js"));

    /// <summary>Fails when axe-core finds a violation on the page as it is now: WCAG 2.2, levels A and AA, and its best practices.</summary>
    public static async Task CheckAsync(IPage page)
    {
        // By evaluation, which the page's content security policy lets through.
        await page.EvaluateAsync(Axe);
        // Colours are judged when they have come to rest.
        var violations = await page.EvaluateAsync<JsonElement>("""
            async () => {
                await Promise.allSettled(document.getAnimations().filter(animation => animation.effect.getTiming().iterations === 1).map(animation => animation.finished));
                const { violations } = await axe.run();
                return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(node => `${node.target} ${node.any.map(check => check.message)}`).join('; ')}`);
            }
            """);
        Assert.True(violations.GetArrayLength() == 0, $"{page.Url}\n{string.Join('\n', violations.EnumerateArray())}");
    }
}

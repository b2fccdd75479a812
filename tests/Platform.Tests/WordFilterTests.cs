using LiveRobot.Platform.Moderation;

namespace LiveRobot.Platform.Tests;

/// <summary>Words and links that owners do not want, and what people do to say them all the same.</summary>
public sealed class WordFilterTests
{
    [Theory]
    [InlineData("dummy")]
    [InlineData("You DUMMY!")]
    [InlineData("...dummy...")]
    [InlineData("d\u00fcmmy")]
    [InlineData("du\u0308mmy")]
    [InlineData("\uff44\uff55\uff4d\uff4d\uff59")]
    [InlineData("\U0001d41d\U0001d42e\U0001d426\U0001d426\U0001d432")]
    [InlineData("d\u200bu\u200dm\u2060m\ufeffy")]
    [InlineData("d\u00adummy")]
    [InlineData("dumm\u0443")]
    [InlineData("\u0501ummy")]
    [InlineData("d u m m y")]
    [InlineData("you d.u.m.m.y robot")]
    [InlineData("d-u-m-m-y")]
    [InlineData("my old friend")]
    [InlineData("my, OLD...friend")]
    [InlineData("@dummy")]
    [InlineData("idi0t")]
    [InlineData("1d1ot")]
    [InlineData("!diot")]
    [InlineData("\u0456d\u0456ot")]
    [InlineData("\u0412\u0410D")]
    [InlineData("\u24b7\u24b6\u24b9")]
    [InlineData("\U0001f171\U0001f170\U0001f173")]
    [InlineData("b@d")]
    public void A_word_is_found_however_it_is_written(string text) => Assert.True(new WordFilter(["dummy", "idiot", "b\u00e4d", "my old friend"]).Finds(text));

    [Theory]
    [InlineData("")]
    [InlineData("dummyish")]
    [InlineData("a dum my")]
    [InlineData("badge")]
    [InlineData("my friend is old")]
    [InlineData("\u65e5\u672c")]
    [InlineData(".table on")]
    public void A_word_inside_of_another_is_not_found(string text) => Assert.False(new WordFilter(["dummy", "idiot", "bad", "my old friend"]).Finds(text));

    [Theory]
    [InlineData("\u65e5\u672c", "\u65e5\u672c \u8a9e", true)]
    [InlineData("\u0434\u0443\u0440\u0430\u043a", "\u0414\u0423\u0420\u0410\u041a!", true)]
    [InlineData("\u03bc\u03b1\u03bb\u03ac\u03ba\u03b1", "\u039c\u0391\u039b\u0391\u039a\u0391", true)]
    [InlineData("\u0434\u0443\u0440\u0430\u043a", "\u0434\u0443\u0440\u0430", false)]
    public void Words_of_other_alphabets_are_compared_too(string word, string text, bool isFound) => Assert.Equal(isFound, new WordFilter([word]).Finds(text));

    [Theory]
    [InlineData("\u200b")]
    [InlineData(" ")]
    [InlineData("...")]
    public void What_has_no_letter_and_no_digit_is_no_word_and_finds_nothing(string word)
    {
        Assert.False(WordFilter.IsWord(word));
        Assert.False(new WordFilter([word]).Finds("anything at all ..."));
    }

    [Theory]
    [InlineData("https://example.org")]
    [InlineData("HTTPS://EXAMPLE.ORG/x")]
    [InlineData("ftp://x")]
    [InlineData("see www.example.org")]
    [InlineData("example.org")]
    [InlineData("look:example.co.uk/robots?x=1")]
    [InlineData("exam\u200bple.o\u200brg")]
    [InlineData("example\uff0eorg")]
    [InlineData("example\u3002org")]
    [InlineData("b\u00fccher.example")]
    [InlineData("203.0.113.7")]
    [InlineData("x.xn--p1ai")]
    public void A_link_is_found(string text) => Assert.True(Links.IsIn(text));

    [Theory]
    [InlineData("hello")]
    [InlineData("Hello. How are you?")]
    [InlineData("wait...what")]
    [InlineData("3.14 and 1.2.3")]
    [InlineData("e.g. this")]
    [InlineData(".anon off")]
    [InlineData(".stop")]
    [InlineData("10:30, or 1/2")]
    [InlineData("1.2.3.4.5")]
    public void What_is_no_link_is_not_found(string text) => Assert.False(Links.IsIn(text));
}

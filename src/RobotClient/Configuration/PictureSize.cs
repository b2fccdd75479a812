using System.Globalization;

namespace LiveRobot.RobotClient.Configuration;

/// <summary>A picture's size in pixels. MPEG-1 codes a side in 12 bits (ISO/IEC 11172-2, 2.4.2.3), hence the limit.</summary>
internal readonly record struct PictureSize(int Width, int Height)
{
    public const int SmallestSide = 16;
    public const int LargestSide = 4095;

    public static readonly PictureSize Default = new(640, 480);

    public bool IsValid => Width is >= SmallestSide and <= LargestSide && Height is >= SmallestSide and <= LargestSide;

    /// <summary>Reads <c>640x480</c>.</summary>
    public static bool TryParse(string text, out PictureSize size)
    {
        size = default;
        var sides = text.Split('x');
        if (sides.Length != 2
            || !int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            || !int.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out var height))
        {
            return false;
        }

        size = new PictureSize(width, height);
        return size.IsValid;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}");
}

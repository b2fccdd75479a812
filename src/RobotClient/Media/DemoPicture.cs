using System.Globalization;
using System.Text;

using LiveRobot.RobotClient.Configuration;
using LiveRobot.RobotClient.Driving;
using LiveRobot.RobotClient.Text;

namespace LiveRobot.RobotClient.Media;

/// <summary>
/// A made camera picture: the last command, large, above a frame counter, a clock and something that moves. A viewer
/// who presses a key sees it come back through the whole way of command and picture.
/// </summary>
/// <remarks>
/// The command is a stranger's text. It goes to ffmpeg in a file, drawn with <c>expansion=none</c>, never in the
/// description of the filters; the file is never empty (drawtext gives up on an empty one) and never half written.
/// </remarks>
internal sealed class DemoPicture : IMotors, IDisposable
{
    /// <summary>What is drawn before the first command.</summary>
    public const string Waiting = "ready";

    private const string FileName = "command.txt";
    private const int MostCharacters = 48;
    private const int CharactersPerLine = 16;

    private readonly DirectoryInfo _directory = System.IO.Directory.CreateTempSubdirectory("liverobot-");

    public DemoPicture() => Show(Waiting);

    /// <summary>Gets the working directory ffmpeg needs: it reads the command from a file there.</summary>
    public string Directory => _directory.FullName;

    public void Obey(RobotCommand command)
    {
        if (!command.IsRepeat)
        {
            Show(command.ToString());
        }
    }

    public void Stop(string reason) => Show(RobotCommand.Stop);

    /// <summary>Draws another text from the next frame on.</summary>
    public void Show(string text)
    {
        var next = Path.Combine(Directory, FileName + ".next");
        File.WriteAllText(next, Lines(text), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.Move(next, Path.Combine(Directory, FileName), overwrite: true);
    }

    /// <summary>The ffmpeg input that draws the picture. Sizes follow the picture's height.</summary>
    public static IReadOnlyList<string> Input(PictureSize size)
    {
        var rate = FfmpegArguments.FramesPerSecond;
        var dot = Math.Max(2, size.Width / 40);
        var bars = new PictureSize(Math.Max(2, size.Width / 4), Math.Max(2, size.Height / 20));

        // The background is drawn once and repeated: all the bit rate is left for what changes.
        var graph = string.Create(CultureInfo.InvariantCulture, $$"""
            gradients=s={{size}}:r={{rate}}:n=3:c0=0x0e7490:c1=0x312e81:c2=0x0b1020:x0=0:y0=0:x1={{size.Width}}:y1={{size.Height}}:speed=0.00001,
                trim=end_frame=1,loop=loop=-1:size=1,setpts=N/{{rate}}/TB,
                drawgrid=w=iw/16:h=ih/12:t=1:c=white@0.05,
                drawbox=w=iw:h=ih/10:c=0x0b1020@0.8:t=fill,
                drawbox=y=ih*0.88:w=iw:h=ih*0.12:c=0x0b1020@0.8:t=fill[background];
            smptehdbars=s={{bars}}:r={{rate}}[bars];
            color=c=0x2dd4bf:s={{dot}}x{{dot}}:r={{rate}}[dot];
            [background][bars]overlay=x=W-w-H/30:y=H*0.94-h/2[still];
            [still][dot]overlay=x=(W-w)*(0.5+0.46*sin(t*1.2)):y=H*0.78,
                drawtext=font=DejaVu Sans:text=LiveRobot demo:fontcolor=0x2dd4bf:fontsize=h/22:x=h/30:y=h/36,
                drawtext=font=DejaVu Sans Mono:text='%{localtime\:%T}':fontcolor=white:fontsize=h/22:x=w-text_w-h/30:y=h/36,
                drawtext=font=DejaVu Sans:textfile={{FileName}}:reload=1:expansion=none:fontcolor=white:fontsize=h/7:shadowcolor=black@0.6:shadowx=3:shadowy=3:line_spacing=8:x=(w-text_w)/2:y=(h*0.88-text_h)/2,
                drawtext=font=DejaVu Sans Mono:text='frame %{n}':fontcolor=white:fontsize=h/20:x=h/30:y=h*0.917
            """);
        return ["-re", "-f", "lavfi", "-i", string.Concat(graph.Split('\n', StringSplitOptions.TrimEntries))];
    }

    /// <summary>The ffmpeg input that makes the sound: a soft chime each second, four notes in turn.</summary>
    public static IReadOnlyList<string> Sound { get; } =
    [
        "-re", "-f", "lavfi", "-i",
        "aevalsrc=exprs='0.12*sin(2*PI*t*(330+110*mod(floor(t),4)/2))*exp(-4*mod(t,1))*(1-exp(-150*mod(t,1)))':s=44100:c=mono",
    ];

    public void Dispose()
    {
        try
        {
            _directory.Delete(recursive: true);
        }
        catch (IOException)
        {
            // Left to the system's cleaning of temporary files.
        }
    }

    // Lines of a length that fits at the font's size; blanks alone would be as good as no text.
    private static string Lines(string text)
    {
        var shown = Printable.From(text, MostCharacters).Trim();
        if (shown.Length == 0)
        {
            return " ";
        }

        var lines = new StringBuilder();
        var count = 0;
        foreach (var rune in shown.EnumerateRunes())
        {
            if (count > 0 && count % CharactersPerLine == 0)
            {
                lines.Append('\n');
            }

            lines.Append(rune.ToString());
            count++;
        }

        return lines.ToString();
    }
}

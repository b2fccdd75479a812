using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

using LiveRobot.Testing;

using Microsoft.Playwright;

namespace LiveRobot.EndToEnd;

/// <summary>
/// How live the picture is that a browser shows. Each frame carries its number as 16 light or dark fields, so that the
/// page tells how old what it shows is, compared with the newest it ever showed.
/// </summary>
public sealed class LivePictureTests(Chromium chromium, LivePictureTests.TwoRobots robots) : IClassFixture<LivePictureTests.TwoRobots>
{
    private const int FrameRate = 25;
    private const int Bits = 16;

    private const string Mpeg1 = "-codec:v mpeg1video -b:v 800k -bf 0";

    /// <summary>With a keyframe in ten seconds.</summary>
    private const string H264 = "-codec:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -b:v 600k -g 250";

    /// <summary>What counts as live: no more than so many milliseconds behind.</summary>
    private const double Live = 1_000;

    private readonly Installation _installation = robots.Installation;
    private readonly RobotCredentials _robot = robots.Rover;

    [Theory]
    [InlineData("CANVAS", Mpeg1)]
    [InlineData("VIDEO", H264)]
    public async Task A_newcomer_and_a_tab_that_was_hidden_are_live(string element, string codec)
    {
        await using var encoder = Push(_robot, codec);
        await FlowsAsync(_robot);
        await using var browser = await chromium.OpenAsync($"{_installation.Url}/robot/{_robot.Handle}");
        await WatchAsync(browser);
        await Eventually.TrueAsync(async () => (await SamplesAsync(browser)).Count > 50, text: "the picture moves");
        Assert.Equal(element, await browser.Picture.EvaluateAsync<string>("picture => picture.tagName"));
        var epoch = (await SamplesAsync(browser)).Min(sample => sample.Epoch);

        // Well behind a keyframe where these are 10 seconds apart.
        for (var visit = 0; visit < 3; visit++)
        {
            await browser.Page.ReloadAsync(new() { WaitUntil = WaitUntilState.Commit });
            var opened = await browser.Page.EvaluateAsync<double>("performance.timeOrigin");
            await WatchAsync(browser);
            var samples = await LiveSamplesAsync(browser, epoch);
            epoch = Math.Min(epoch, samples.Min(sample => sample.Epoch));
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{element}: first picture after {samples[0].Time - opened:0} ms, live after {samples.First(sample => sample.Epoch - epoch < Live).Time - opened:0} ms"));
            await Task.Delay(TimeSpan.FromSeconds(1.3));
        }

        await HideAsync(browser, hidden: true);
        await Task.Delay(RandomInput.IsLong ? TimeSpan.FromMinutes(1) : TimeSpan.FromSeconds(3));
        await WatchAsync(browser);
        await HideAsync(browser, hidden: false);
        await LiveSamplesAsync(browser, epoch);
        Assert.Empty(browser.Complaints);
    }

    [Theory]
    [InlineData(Mpeg1)]
    [InlineData(H264)]
    public async Task A_picture_that_stops_says_so_locks_the_controls_of_a_robot_that_is_bound_to_it_and_goes_on_by_itself(string codec)
    {
        await using var encoder = Push(_robot, codec);
        await FlowsAsync(_robot);
        await using var robot = await SocketIOPeer.ConnectAsync(new Uri($"http://localhost:{_installation.Port("Control")}"));
        Assert.True((await robot.AskAsync("robot_id", _robot.RobotId)).GetProperty("ok").GetBoolean());
        await robot.AskAsync("robot_capabilities", new { key_position = true, acknowledge = true });
        await using var browser = await chromium.OpenAsync($"{_installation.Url}/robot/{_robot.Handle}");
        var forward = browser.Page.Locator("[data-command=F]");
        await LockedAsync("false");

        encoder.Signal("STOP");

        await browser.Page.GetByText("The picture has stopped").WaitForAsync();
        Assert.Equal("stalled", await browser.Picture.GetAttributeAsync("data-state"));
        await LockedAsync("true");

        encoder.Signal("CONT");

        await browser.Page.GetByText("The picture has stopped").WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await LockedAsync("false");
        await Eventually.TrueAsync(async () =>
        {
            await forward.ClickAsync();
            return robot.Received.Any(received => received.Name == "command_to_robot" && received.Argument.GetProperty("command").GetString() == "F");
        });
        Assert.Empty(browser.Complaints);

        Task LockedAsync(string isIt) => Eventually.TrueAsync(async () => await forward.GetAttributeAsync("aria-disabled") == isIt);
    }

    /// <summary>What a page makes outside its document is given back by it, or a browser runs out of it: 16 WebGL contexts in Chromium.</summary>
    [Fact]
    public async Task Changes_between_two_robots_leave_no_context_socket_worker_or_element_behind()
    {
        await using var rover = Push(_robot, Mpeg1);
        await using var scout = Push(robots.Scout, H264);
        await FlowsAsync(_robot);
        await FlowsAsync(robots.Scout);
        await using var browser = await chromium.NewPageAsync();
        var page = browser.Page;
        await page.AddInitScriptAsync("""
            const made = { contexts: [], sockets: [], workers: [] };
            const { getContext } = HTMLCanvasElement.prototype;
            HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
                const context = getContext.call(this, kind, ...rest);
                if (kind.startsWith('webgl') && context && !made.contexts.some(one => one.deref() === context)) made.contexts.push(new WeakRef(context));
                return context;
            };
            for (const [name, kind] of [['sockets', 'WebSocket'], ['workers', 'Worker']]) {
                window[kind] = class extends window[kind] {
                    constructor(...rest) {
                        super(...rest);
                        made[name].push(new WeakRef(this));
                    }
                };
            }
            const count = (refs, isAlive) => refs.filter(one => one.deref() && isAlive(one.deref())).length;
            window.alive = () => [
                count(made.contexts, context => !context.isContextLost()),
                count(made.sockets, socket => socket.readyState < 2),
                count(made.workers, () => true),
            ].join();
            window.everMade = () => made.contexts.length;
            """);
        await page.GotoAsync(_installation.Url);
        var session = await page.Context.NewCDPSessionAsync(page);

        await ChangeAsync(times: 2);
        var (alive, elements) = (await AliveAsync(), await ElementsAsync());
        await ChangeAsync(times: RandomInput.IsLong ? 50 : 5);

        Assert.True(await page.EvaluateAsync<int>("everMade()") >= 7, "each visit to the robot with MPEG-1 draws by a context of its own");
        await Eventually.TrueAsync(async () => await AliveAsync() == alive, text: $"contexts, sockets and workers: {alive}");
        await Eventually.TrueAsync(async () => await ElementsAsync() <= elements + 300, text: $"hardly more than {elements} elements");
        Assert.Empty(browser.Complaints);

        async Task ChangeAsync(int times)
        {
            for (var change = 0; change < times; change++)
            {
                await VisitAsync("Scout", "video");
                await VisitAsync("Rover", "canvas");
            }
        }

        async Task VisitAsync(string name, string element)
        {
            await page.GetByRole(AriaRole.Link, new() { Name = "LiveRobot" }).ClickAsync();
            await page.GetByRole(AriaRole.Link, new() { Name = name }).First.ClickAsync();
            await page.Locator($"{element}[data-state=playing]").WaitForAsync();
        }

        Task<string> AliveAsync() => page.EvaluateAsync<string>("alive()");

        // Nodes of the document and those that only scripts still hold.
        async Task<int> ElementsAsync()
        {
            await session.SendAsync("HeapProfiler.collectGarbage");
            var counters = await session.SendAsync("Memory.getDOMCounters");
            return counters!.Value.GetProperty("nodes").GetInt32();
        }
    }

    [Fact]
    public async Task Sound_in_a_stream_of_H264_is_heard_once_the_viewer_turns_it_on()
    {
        await using var encoder = Push(_robot, "-codec:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -b:v 600k -g 25 -codec:a aac -b:a 64k", "-f", "lavfi", "-i", "sine=frequency=440");
        await FlowsAsync(_robot);
        await using var browser = await chromium.OpenAsync($"{_installation.Url}/robot/{_robot.Handle}");
        await browser.Page.Locator("video[data-state=playing]").WaitForAsync();
        Assert.True(await browser.Picture.EvaluateAsync<bool>("video => video.muted"));

        await browser.Button("Turn sound on").ClickAsync();

        await Eventually.TrueAsync(async () => await browser.Picture.EvaluateAsync<bool>("video => !video.muted && video.volume > 0 && !video.paused"));
        var heard = await HeardAsync(browser);
        await Eventually.TrueAsync(async () => await HeardAsync(browser) > heard, text: "sound is decoded");
    }

    /// <summary>Gets how many bytes of sound the page has decoded.</summary>
    private static Task<int> HeardAsync(RobotPage browser) => browser.Picture.EvaluateAsync<int>("video => video.webkitAudioDecodedByteCount");

    /// <summary>Waits until the page shows what is live, and gives all that it showed since it was watched.</summary>
    private static async Task<List<Sample>> LiveSamplesAsync(RobotPage browser, double epoch)
    {
        List<Sample> samples = [];
        await Eventually.TrueAsync(
            async () => (samples = await SamplesAsync(browser)).Any(sample => sample.Epoch - epoch < Live), text: "the picture is live");
        return samples;
    }

    /// <summary>Lets the page note what it shows from now on: when, and the number of the frame.</summary>
    private static async Task WatchAsync(RobotPage browser) => await browser.Page.EvaluateAsync(string.Create(CultureInfo.InvariantCulture, $$"""
        () => {
            const samples = (window.samples = []);
            const small = new OffscreenCanvas({{Bits * 4}}, 4).getContext('2d', { willReadFrequently: true });
            const look = () => {
                if (window.samples !== samples) return;
                requestAnimationFrame(look);
                const picture = document.querySelector('[data-testid=video]');
                if (picture?.dataset.state !== 'playing') return;
                const [width, height] = [picture.videoWidth ?? picture.width, picture.videoHeight ?? picture.height];
                small.drawImage(picture, 0, height - height / 8, width, height / 8, 0, 0, {{Bits * 4}}, 4);
                const pixels = small.getImageData(0, 2, {{Bits * 4}}, 1).data;
                let frame = 0;
                for (let bit = 0; bit < {{Bits}}; bit++) if (pixels[(bit * 4 + 2) * 4] > 128) frame |= 1 << bit;
                if (samples.at(-1)?.[1] !== frame) samples.push([performance.timeOrigin + performance.now(), frame]);
            };
            look();
        }
        """));

    private static async Task<List<Sample>> SamplesAsync(RobotPage browser)
    {
        var samples = await browser.Page.EvaluateAsync<JsonElement>("window.samples ?? []");
        return [.. samples.EnumerateArray().Select(sample => new Sample(sample[0].GetDouble(), sample[1].GetInt32()))];
    }

    /// <summary>Hides the page as far as it can tell; a browser without windows has no other way.</summary>
    private static async Task HideAsync(RobotPage browser, bool hidden) => await browser.Page.EvaluateAsync($$"""
        () => {
            Object.defineProperty(document, 'hidden', { configurable: true, get: () => {{(hidden ? "true" : "false")}} });
            document.dispatchEvent(new Event('visibilitychange'));
        }
        """);

    private Task FlowsAsync(RobotCredentials robot) => _installation.StateAsync(robot, state => state.GetProperty("video").GetString() == "flowing");

    private ChildProcess Push(RobotCredentials robot, string codec, params string[] sound)
    {
        var fields = Enumerable.Range(0, Bits).Select(bit => string.Create(
            CultureInfo.InvariantCulture, $"drawbox=x={bit * 40}:y=420:w=40:h=60:color=white:t=fill:enable='gt(mod(floor(n/{1 << bit})\\,2)\\,0)'"));
        return ChildProcess.Start(
            "ffmpeg",
            [
                "-hide_banner", "-nostdin", "-loglevel", "error", "-re",
                "-f", "lavfi", "-i", $"testsrc2=size=640x480:rate={FrameRate},drawbox=x=0:y=420:w=640:h=60:color=black:t=fill,{string.Join(',', fields)}",
                .. sound,
                "-f", "mpegts", .. codec.Split(' '), "-muxdelay", "0.001",
                string.Create(CultureInfo.InvariantCulture, $"http://localhost:{_installation.Port("Video")}/{robot.StreamKey}/640/480/"),
            ]);
    }

    /// <summary>An installation with two robots, the first bound to its picture: driven only while that moves.</summary>
    public sealed class TwoRobots : IAsyncLifetime
    {
        public Installation Installation { get; private set; } = null!;

        public RobotCredentials Rover { get; private set; } = null!;

        public RobotCredentials Scout { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Installation = await Installation.StartAsync(Installation.Patient);
            using var owner = new HttpClient { BaseAddress = new Uri(Installation.Url) };
            (await owner.PostAsJsonAsync("/api/v1/register", new { username = "alice", password = "correct horse" })).EnsureSuccessStatusCode();
            Rover = await Installation.AddRobotAsync("Rover");
            Scout = await Installation.AddRobotAsync("Scout");
            (await owner.PostAsJsonAsync($"/api/v1/robots/{Rover.Handle}/control", new { video_bound = true })).EnsureSuccessStatusCode();
        }

        public ValueTask DisposeAsync() => Installation.DisposeAsync();
    }

    /// <summary>A frame that was shown.</summary>
    /// <param name="Time">When, in milliseconds of the Unix epoch.</param>
    /// <param name="Frame">Its number.</param>
    private sealed record Sample(double Time, int Frame)
    {
        /// <summary>Gets when the encoder began if there were no delay at all; the earliest of all is nearest to it.</summary>
        public double Epoch => Time - (Frame * 1000.0 / FrameRate);
    }
}

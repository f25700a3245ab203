using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Numerics;
using System.Text.Json;
using System.Threading.Tasks;
using FsCheck.Xunit;
using GemmaVk.Mcp.BuiltIn;
using GemmaVk.Mcp.Calls;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Mcp.Tests;

/// <summary>The program's own tools.</summary>
public sealed class OwnToolTests
{
    private static async Task<string> Run(ICallableTool tool, object arguments) => (await tool.CallAsync(JsonSerializer.SerializeToElement(arguments), default)).Text;

    [Theory]
    [InlineData("(47 + 85) * 3", "396")]
    [InlineData("0.1 + 0.2", "0.3")]
    [InlineData("1/3", "1/3, about 0.333333333333333333333333333333")]
    [InlineData("-2/3", "-2/3, about -0.666666666666666666666666666667")]
    [InlineData("2^3^2", "512")]
    [InlineData("-2^2", "-4")]
    [InlineData("2^-2", "0.25")]
    [InlineData("7 % 3 + -7 % 3", "3")]
    [InlineData("1e3 × 2 ÷ 5", "400")]
    [InlineData("1_000 - 1e-2", "999.99")]
    [InlineData("2**10", "1024")]
    [InlineData("--1", "1")]
    public async Task The_calculator_is_exact(string expression, string value) => Assert.Equal(value, await Run(new Calculator(), new { expression }));

    [Theory]
    [InlineData("", "expected a number or a bracket at character 1, but it ends")]
    [InlineData("1 +", "but it ends")]
    [InlineData("(1", "expected a closing bracket")]
    [InlineData("1 2", "expected an operator at character 3")]
    [InlineData("rm -rf", "expected a number or a bracket at character 1, but 'r' stands there")]
    [InlineData("1/0", "division by zero")]
    [InlineData("5 % 0", "division by zero")]
    [InlineData("9^9^9^9", "an exponent: expected a whole number")]
    [InlineData("9^9^9", "an exponent: expected a whole number")]
    [InlineData("10^4096^2", "an exponent")]
    [InlineData("99999^4096", "a power has more than")]
    [InlineData("1e99999", "an exponent is beyond")]
    [InlineData("1e999999999999", "expected an exponent such as e-3")]
    [InlineData("2^0.5", "an exponent: expected a whole number")]
    [InlineData("1.2.3", "expected a number or a bracket")]
    public async Task What_cannot_be_calculated_gets_a_sentence(string expression, string sentence)
    {
        ToolAnswer answer = await new Calculator().CallAsync(JsonSerializer.SerializeToElement(new { expression }), default);
        Assert.True(answer.IsError);
        Assert.Contains(sentence, answer.Text);
    }

    [Fact]
    public async Task Deep_and_long_expressions_end()
    {
        Assert.Contains("at most 100 brackets", await Run(new Calculator(), new { expression = new string('(', 900) }));
        Assert.Contains("at most 1000", await Run(new Calculator(), new { expression = new string('1', 1001) }));
        Assert.Contains("at most 100 brackets", await Run(new Calculator(), new { expression = string.Concat(Enumerable.Repeat("1^", 400)) + "1" }));
        Assert.Equal("1", await Run(new Calculator(), new { expression = new string('-', 998) + "1" }));
    }

    [Property(MaxTest = 200)]
    public bool Sums_and_products_are_those_of_whole_numbers(int a, int b, int c) =>
        Arithmetic.Of($"({a.ToString(CultureInfo.InvariantCulture)}) * ({b}) - ({c})").ToString() == (((BigInteger)a * b) - c).ToString(CultureInfo.InvariantCulture);

    [Property(MaxTest = 200)]
    public bool A_quotient_times_its_divisor_is_the_dividend(int a, int b) => b == 0 || Arithmetic.Of($"({a}) / ({b}) * ({b})").ToString() == a.ToString(CultureInfo.InvariantCulture);

    [Fact]
    public async Task The_date_is_said_for_a_time_zone()
    {
        BuiltIn.Calendar calendar = new(new Moment(new DateTimeOffset(2024, 3, 30, 23, 30, 0, TimeSpan.Zero)));
        Assert.Equal("Saturday, 2024-03-30 23:30:00 +00:00 (UTC)", await Run(calendar, new { }));
        Assert.Equal("Sunday, 2024-03-31 00:30:00 +01:00 (Europe/Berlin)", await Run(calendar, new { time_zone = "Europe/Berlin" }));
        Assert.Equal("Monday, 2024-04-01 00:30:00 +02:00 (Europe/Berlin)", await Run(calendar, new { time_zone = "Europe/Berlin", days_from_now = 1 }));
        Assert.Equal("Thursday, 2024-02-29 23:30:00 +00:00 (UTC)", await Run(calendar, new { days_from_now = -30 }));
        Assert.Contains("There is no time zone Mars/Olympus", await Run(calendar, new { time_zone = "Mars/Olympus" }));
        Assert.Contains("There is no time zone ../../etc/passwd", await Run(calendar, new { time_zone = "../../etc/passwd" }));
        Assert.Contains("expected from -365000 to 365000", await Run(calendar, new { days_from_now = int.MaxValue }));
    }

    [LinuxFact]
    public async Task Files_are_read_below_the_folders_and_nowhere_else()
    {
        using TemporaryFolder folder = new();
        folder.Write("in/a.txt", "one\ntwo\nthree needle\n");
        folder.Write("in/sub/b.md", "Needle in b\n");
        folder.Write("in/sub/c.bin", [0, 1, 2]);
        folder.Write("inside.txt", "secret needle\n");
        folder.Write("out/secret.txt", "secret needle\n");
        File.CreateSymbolicLink(folder["in/link.txt"], folder["out/secret.txt"]);
        Directory.CreateSymbolicLink(folder["in/way"], folder["out"]);
        File.CreateSymbolicLink(folder["in/fine.txt"], "sub/b.md");
        File.CreateSymbolicLink(folder["in/circle"], "circle");
        Process.Start("mkfifo", folder["in/pipe"])!.WaitForExit();
        ICallableTool[] tools = [.. OwnTools.Of(["files"], [folder["in"]])];
        Assert.Equal(["list_files", "read_file", "search_files"], tools.Select(tool => tool.Declaration.Name));
        Task<string> Read(string path) => Run(tools[1], new { path });

        Assert.Equal("a.txt, lines 1 to 4 of 4:\none\ntwo\nthree needle\n", await Read("a.txt"));
        Assert.Equal("a.txt, lines 2 to 2 of 4:\ntwo", await Run(tools[1], new { path = folder["in/a.txt"], first_line = 2, lines = 1 }));
        Assert.StartsWith("sub/b.md, lines", await Read("fine.txt"));
        Assert.StartsWith("sub/b.md, lines", await Read("sub/../sub/b.md"));
        foreach (string path in (string[])["../out/secret.txt", "../inside.txt", folder["out/secret.txt"], "link.txt", "way/secret.txt", "sub/../../out/secret.txt", "/etc/passwd", "/proc/self/environ", "way/../inside.txt"])
        {
            string answer = await Read(path);
            Assert.True(answer.Contains("leads out of there") || answer.Contains("there is none"), $"{path}: {answer}");
            Assert.DoesNotContain("secret needle", answer);
        }

        Assert.Contains("circle", await Read("circle"));
        Assert.Contains("a pipe, a device or a socket", await Read("pipe"));
        Assert.Contains("it is a folder", await Read("sub"));
        Assert.Contains("expected text", await Read("sub/c.bin"));
        Assert.Contains("there is none", await Read("no\u0001ne.txt"));
        Assert.Contains("expected a path", await Read("nul\0l"));
        Assert.Contains("expected one of them as the first", await Run(tools[1], new { path = "a.txt", first_line = 99 }));

        string listed = await Run(tools[0], new { });
        Assert.Equal(["a.txt", "sub/b.md", "sub/c.bin"], listed.Split('\n').Select(line => line.Split(' ')[0]).Where(name => name != "pipe").ToArray());
        Assert.Equal("sub/b.md (12 bytes)", await Run(tools[0], new { pattern = "*.md" }));
        Assert.Contains("leads out of there", await Run(tools[0], new { folder = ".." }));
        Assert.Equal("a.txt:3: three needle\nsub/b.md:1: Needle in b", await Run(tools[2], new { text = "needle" }));
        Assert.Contains("leads out of there", await Run(tools[2], new { text = "needle", folder = "way" }));
        Assert.Equal("(found nowhere)", await Run(tools[2], new { text = "secret" }));
    }

    [Fact]
    public void Tools_are_off_unless_named()
    {
        Assert.Empty(OwnTools.Of([], []));
        Assert.Contains("did you mean calculator?", Assert.Throws<GemmaVkException>(() => OwnTools.Of(["calculater"], [])).Message);
        Assert.Contains("expected calculator, date, files", Assert.Throws<GemmaVkException>(() => OwnTools.Of(["shell"], [])).Message);
        Assert.Contains("together with --allow-folder", Assert.Throws<GemmaVkException>(() => OwnTools.Of(["files"], [])).Message);
        Assert.Contains("together with --tool files", Assert.Throws<GemmaVkException>(() => OwnTools.Of(["date"], ["."])).Message);
        Assert.Contains("there is none", Assert.Throws<GemmaVkException>(() => OwnTools.Of(["files"], ["no-such-folder"])).Message);
    }

    private sealed class Moment(DateTimeOffset now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => now;
    }
}

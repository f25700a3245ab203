using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>The script that checks a card elsewhere, with a program that only pretends; and what tools/publish cannot make.</summary>
public sealed class GpuCheckTests : IDisposable
{
    private const string Pretends = """"
        verb=$1
        while [ $# -gt 0 ]; do
          case "$1" in
            --html | --save) echo "made by $verb" > "$2" ;;
            --out) mkdir -p "$2" ;;
            --kernels) verb=calls ;;
          esac
          shift
        done
        case "$verb" in
          --version) echo 1.2.3 ;;
          doctor) echo "Vulkan device 0: a card" ;;
          verify) echo "# Every kernel"; VERIFIES ;;
          tune) TUNES ;;
          kernels) printf 'kernel,shape,rows,depth,microseconds,gb_per_second,gop_per_second,limit,share_of_limit\nMatVec,"3840 x 15360, INT4",1,0,10.5,80.1,160,read,0.85\n' ;;
          calls) printf 'pass,depth,call,kernel,shape,modules,dispatches,microseconds,gap_microseconds,bytes,operations,share_of_pass,limit,share_of_limit\nstep,0,0,MatVec,"Q4, T 1",m,1,10,1,5000,1,0.25,memory,0.9\nstep,0,1,MatVec,"Q8",m,1,30,1,7000,1,0.50,memory,0.9\n' ;;
          bench) printf 'test,depth,tokens_per_second,gb_per_second,share_of_measured,load_seconds,peak_memory_bytes,device,tokens_per_step,acceptance,assumed_acceptance,speedup_over_plain,plain_steps\ntg64,0,100.5,700,0.9,1,2,"Card, of ""Maker""",,,,,1.25\n' ;;
        esac
        """";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxFact]
    public void Everything_goes_into_a_few_files_with_a_page()
    {
        ShellRun run = Check("true", "echo tuned", "--rehearse");
        Assert.True(run.Code == 0, run.Error);
        string[] files = [.. Directory.EnumerateFiles(_folder["out"], "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder["out"], file)).Order()];
        Assert.Equal(["details.tar.gz", "kernels.json", "roofline-6.html", "summary.md", "verify.md"], files);
        Assert.All(files, file => Assert.Matches("^[A-Za-z0-9._-]+$", file));
        string page = File.ReadAllText(_folder["out/summary.md"]);
        Assert.Contains("gemmavk 1.2.3, Linux", page, StringComparison.Ordinal);
        Assert.Contains("\n| tg64 | 0 | 100.5 | 700 | 0.9 | 1.25 |  |  |\n", page, StringComparison.Ordinal);
        Assert.Contains("\n| MatVec | 3840 x 15360, INT4 | 1 | 0 | 10.5 | 80.1 | 160 | read | 0.85 |\n", page, StringComparison.Ordinal);
        Assert.Contains("\n| step | 0 | MatVec | 2 | 40.0 | 0.30 | 0.750 |\n", page, StringComparison.Ordinal);
        Assert.Contains("\n| verify --quick | done | ", page, StringComparison.Ordinal);
        Assert.Contains("\n0 steps failed or were stopped;", page, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["scratch"]));
    }

    [LinuxFact]
    public void A_step_that_fails_or_takes_too_long_leaves_the_rest()
    {
        ShellRun run = Check("echo 'MatVec differs | here' >&2; exit 2", "sleep 60", "--rehearse", "--seconds", "8");
        Assert.Equal(1, run.Code);
        string page = File.ReadAllText(_folder["out/summary.md"]);
        Assert.Contains("\n| verify --quick | **failed** (2): MatVec differs / here | ", page, StringComparison.Ordinal);
        Assert.Matches(@"\n\| tune \| stopped after its \d s \| ", page);
        Assert.Contains("\n| kernels bench | not run: the time is up | |\n", page, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["out/details.tar.gz"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["scratch"]));
    }

    [LinuxTheory]
    [InlineData("tools/gpu-check --seconds soon", "--seconds soon: expected a whole number of 1 or more.")]
    [InlineData("tools/gpu-check --frobnicate", "--frobnicate: there is no such flag")]
    [InlineData("tools/gpu-check --program nowhere", "there is no program nowhere: make artifacts/gpu-check.tar.gz with 'tools/gpu-check --pack'")]
    [InlineData("tools/gpu-check --peer nowhere", "--peer nowhere: expected a folder, but there is none.")]
    [InlineData("tools/publish plan9-x64", "plan9-x64: expected linux-x64, linux-arm64, win-x64 or osx-arm64.")]
    [InlineData("tools/publish win-x64", "is linked by link.exe of Visual Studio's C++ tools with the libraries of the Windows SDK, which only Windows has.")]
    [InlineData("tools/publish osx-arm64", "is linked by Apple's linker with the SDK of Xcode, which only macOS has.")]
    [InlineData("tools/publish linux-x64 --without Page", "--without Page: expected one of Server Documents Tools Routing Evaluation.")]
    [InlineData("tools/publish linux-x64 --with Page", "--with Page: expected one of Server Documents Tools Routing Evaluation or all.")]
    [InlineData("tools/publish linux-x64 --cpu 486", "--cpu 486: expected x86-64-v2, x86-64-v3, x86-64-v4 or native.")]
    [InlineData("tools/publish linux-x64 --name ../x", "--name ../x: expected letters, digits, dots and dashes.")]
    [InlineData("tools/test Rope", "Rope: expected flags of 'dotnet test', such as --filter Rope.")]
    [InlineData("tools/test --drivers-only=", "--drivers-only=: expected lavapipe-128")]
    [InlineData("tools/test --drivers=mesa-26,nvidia", "--drivers=nvidia: expected lavapipe-128, lavapipe-512, swiftshader, mesa-25, mesa-26, separated by commas.")]
    [InlineData("tools/test --drivers-only=mesa-26:vrify", "--drivers-only=mesa-26:vrify: expected kernels, gpu-forms, gpu, verify behind a driver's name and a colon.")]
    public void What_cannot_be_done_is_a_sentence(string line, string sentence)
    {
        ShellRun run = ShellRun.Of(line, Repository.Root);
        Assert.InRange(run.Code, 1, 3);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_part_can_be_left_out_by_a_property_of_the_build()
    {
        string[] parts = [.. typeof(Parts).GetProperties().Select(part => part.Name).Order()];
        string project = File.ReadAllText(Repository.Path("src", "GemmaVk.Cli", "GemmaVk.Cli.csproj"));
        Assert.Equal(parts, Regex.Matches(project, """Include="GemmaVk\.(\w+)" Value="\$\(With\1\)" Trim="true" """).Select(match => match.Groups[1].Value).Order());
        Assert.Equal(parts.Where(part => part != "Ilgpu"), Regex.Match(File.ReadAllText(Repository.Path("tools", "publish")), @"\nparts=\(([\w ]+)\)").Groups[1].Value.Split(' ').Order());
    }

    /// <summary>Runs the script on a program that pretends, in a folder without a .NET.</summary>
    private ShellRun Check(string verifies, string tunes, params string[] flags)
    {
        string program = _folder.Program("gemmavk", Pretends.Replace("VERIFIES", verifies, StringComparison.Ordinal).Replace("TUNES", tunes, StringComparison.Ordinal));
        Directory.CreateDirectory(_folder["scratch"]);
        return ShellRun.Of(
            $"env -i PATH=/usr/bin:/bin OUT='{_folder["out"]}' '{Repository.Path("tools", "gpu-check")}' --program '{program}' --scratch '{_folder["scratch"]}' {string.Join(' ', flags)}");
    }
}

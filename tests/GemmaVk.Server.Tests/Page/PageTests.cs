using System;
using System.IO;
using Xunit;
using Xunit.Abstractions;

namespace GemmaVk.Server.Tests.Page;

/// <summary>The page in Chromium, in front of a server with the small model; and its libraries.</summary>
[Collection(ServerCollection.Name)]
public class PageTests(PebbleServer pebble, ITestOutputHelper output)
{
    /// <summary>Every check of browser/run.mjs, at the width of a desk and of a phone; GEMMAVK_SCREENSHOTS names a folder for pictures.</summary>
    [BrowserFact]
    public void Everything_on_the_page_works_at_both_widths()
    {
        string shots = Environment.GetEnvironmentVariable("GEMMAVK_SCREENSHOTS") ?? "-";
        if (shots != "-")
        {
            Directory.CreateDirectory(shots);
        }

        (int code, string text) = Run();
        output.WriteLine(text);
        // A browser that gets no processor for long misses a moment that does not come again; what is broken is so the second time too.
        if (code != 0 && text.Contains("Timeout ", StringComparison.Ordinal))
        {
            (code, text) = Run();
            output.WriteLine(text);
        }

        Assert.True(code == 0, text);

        (int Code, string Text) Run() => NodeProgram.Run("node", NodeProgram.Folder, TimeSpan.FromMinutes(6), "run.mjs", pebble.Address, Repository.Path("weights", "examples"), shots);
    }

    [NpmFact]
    public void The_committed_libraries_are_what_their_script_makes()
    {
        (int code, string text) = NodeProgram.Run(Repository.Path("tools", "page", "build"), Repository.Root, TimeSpan.FromMinutes(6), "--check");
        Assert.True(code == 0, text);
    }
}

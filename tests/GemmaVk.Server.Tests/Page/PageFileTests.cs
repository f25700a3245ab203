using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Server.Tests.Page;

/// <summary>The page's files, as they lie in the repository and as they are served.</summary>
[Collection(ServerCollection.Name)]
public partial class PageFileTests(PebbleServer pebble)
{
    private const int MostLines = 300;
    private const int MostPackedBytes = 300 << 10;

    private static readonly string Root = Repository.Path("src", "GemmaVk.Server", "Page");

    private static IEnumerable<string> Files => Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'));

    [Fact]
    public async Task All_files_are_served_small_and_under_the_policy()
    {
        using HttpClient client = new(new HttpClientHandler { AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = new Uri(pebble.Address) };
        long packed = 0;
        foreach (string file in Files)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, file);
            request.Headers.AcceptEncoding.ParseAdd("gzip");
            using HttpResponseMessage response = await client.SendAsync(request);
            byte[] bytes = await response.Content.ReadAsByteArrayAsync();
            packed += bytes.Length;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Root, file)), response.Content.Headers.ContentEncoding.Contains("gzip") ? Unpacked(bytes) : bytes);
            string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            if (file == "tools/sandbox.html")
            {
                Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
                Assert.EndsWith("sandbox allow-scripts", policy, StringComparison.Ordinal);
            }
            else
            {
                Assert.StartsWith("default-src 'self';", policy, StringComparison.Ordinal);
                Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            }

            using HttpRequestMessage again = new(HttpMethod.Get, file);
            again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
            using HttpResponseMessage unchanged = await client.SendAsync(again);
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        }

        Assert.InRange(packed, 1, MostPackedBytes);
    }

    [Fact]
    public void Markup_has_no_script_or_style_of_its_own_and_no_address_elsewhere()
    {
        string html = Read("index.html");
        Assert.DoesNotMatch("<script(?![^>]*src=)|<style|\\sstyle=|\\son\\w+=|https?:", html);
        Assert.All(Own(".css"), path => Assert.DoesNotMatch("@import|url\\(|https?:", Read(path)));
        Assert.All(Own(".js"), path => Assert.DoesNotMatch("https?://(?!www.w3.org/2000/svg)|\\beval\\(|innerHTML|document\\.write", Read(path)));
    }

    [Fact]
    public void Both_languages_have_the_same_texts_and_every_text_that_is_used()
    {
        string[] english = [.. Names("page/english.js")];
        Assert.Equal(english, Names("page/german.js"));
        Assert.Equal(english.Distinct().Count(), english.Length);
        string sources = string.Concat(Own(".js").Select(Read)) + Read("index.html");
        string[] used = [.. UsedText().Matches(sources).Select(match => match.Groups["name"].Value).Distinct()];
        Assert.True(used.Length > 100, $"{used.Length} texts are used");
        Assert.All(used, name => Assert.Contains(name, english));
    }

    [Fact]
    public void Modules_can_be_read_in_one_go()
    {
        Assert.All(Own(".js").Concat(Own(".css")), path => Assert.InRange(Read(path).AsSpan().Count('\n'), 1, MostLines));
    }

    private static IEnumerable<string> Own(string extension) => Files.Where(path => path.EndsWith(extension, StringComparison.Ordinal) && !path.StartsWith("vendor/", StringComparison.Ordinal));

    private static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<string> Names(string path) => TextLine().Matches(Read(path)).Select(match => match.Groups["name"].Value);

    private static byte[] Unpacked(byte[] bytes)
    {
        using GZipStream gzip = new(new MemoryStream(bytes), CompressionMode.Decompress);
        using MemoryStream plain = new();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    [GeneratedRegex(@"^  '?(?<name>[\w-]+)'?: '", RegexOptions.Multiline)]
    private static partial Regex TextLine();

    [GeneratedRegex(@"(?:\btext\('|data-(?:text|label|hint)="")(?<name>[\w-]+)")]
    private static partial Regex UsedText();
}

using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Reflection;
using System.Security.Cryptography;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Http;

/// <summary>
/// The page's files, which lie in the assembly: with a tag by which browsers know what they have, packed where they take that, and under a policy that
/// lets nothing in from elsewhere.
/// </summary>
internal static class StaticPage
{
    private const string Prefix = "page/";

    // Nothing from elsewhere, no script or style but the page's own files, and no text becomes markup without passing the sanitizer.
    private const string Policy =
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'";

    // One file runs scripts that people write to answer a model's calls: in an origin of its own, from where no address can be reached.
    private const string SandboxFile = "/tools/sandbox.html";

    private const string SandboxPolicy =
        "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; worker-src blob:; frame-ancestors 'self'; sandbox allow-scripts";

    private static readonly FrozenDictionary<string, Lazy<PageFile>> Files = typeof(StaticPage).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .ToFrozenDictionary(name => "/" + name[Prefix.Length..].Replace('\\', '/'), name => new Lazy<PageFile>(() => PageFile.Read(name)), StringComparer.Ordinal);

    /// <summary>Whether a path is one of the page's.</summary>
    public static bool Has(string path) => Files.ContainsKey(Name(path));

    /// <summary>The paths.</summary>
    public static IEnumerable<string> Paths => Files.Keys;

    /// <summary>Answers with a file of the page.</summary>
    public static async Task Send(HttpContext context)
    {
        string name = Name(context.Request.Path.Value!);
        PageFile file = Files[name].Value;
        HttpResponse response = context.Response;
        response.Headers.ETag = file.Tag;
        response.Headers.CacheControl = "no-cache";
        response.Headers.ContentSecurityPolicy = name == SandboxFile ? SandboxPolicy : Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers.Vary = "Accept-Encoding";
        response.ContentType = TypeOf(name);
        if (context.Request.Headers.IfNoneMatch.ToString() == file.Tag)
        {
            response.StatusCode = 304;
            return;
        }

        bool packed = context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase) && file.Packed.Length < file.Bytes.Length;
        byte[] bytes = packed ? file.Packed : file.Bytes;
        if (packed)
        {
            response.Headers.ContentEncoding = "gzip";
        }

        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static string Name(string path) => path == "/" ? "/index.html" : path;

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".json" or ".webmanifest" => "application/json",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".ico" => "image/x-icon",
        ".woff2" => "font/woff2",
        ".txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };

    private sealed record PageFile(byte[] Bytes, byte[] Packed, string Tag)
    {
        public static PageFile Read(string resource)
        {
            using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
            using MemoryStream bytes = new();
            stream.CopyTo(bytes);
            using MemoryStream packed = new();
            using (GZipStream gzip = new(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            {
                gzip.Write(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
            }

            byte[] plain = bytes.ToArray();
            return new PageFile(plain, packed.ToArray(), $"\"{Convert.ToHexStringLower(SHA256.HashData(plain))[..16]}\"");
        }
    }
}

using System;
using System.IO;
using System.Text.Json.Nodes;

namespace GemmaVk.Model.Tests;

/// <summary>Configurations of the golden data in the repository.</summary>
internal static class Golden
{
    private static readonly string Root = FindRoot();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, "tests", "golden", .. parts]);

    public static byte[] Bytes(params string[] parts) => File.ReadAllBytes(Path(parts));

    public static JsonObject Json(params string[] parts) => JsonNode.Parse(Bytes(parts))!.AsObject();

    public static string Repository(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "GemmaVk.sln")))
        {
            folder = System.IO.Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests must run inside the repository");
    }
}

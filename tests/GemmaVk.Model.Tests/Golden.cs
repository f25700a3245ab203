using System.IO;
using System.Text.Json.Nodes;

namespace GemmaVk.Model.Tests;

/// <summary>Configurations of the golden data.</summary>
internal static class Golden
{
    public static byte[] Bytes(params string[] parts) => File.ReadAllBytes(Repository.Golden(parts));

    public static JsonObject Json(params string[] parts) => JsonNode.Parse(Bytes(parts))!.AsObject();
}

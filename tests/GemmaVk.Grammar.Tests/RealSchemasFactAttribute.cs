using System.IO;
using Xunit;

namespace GemmaVk.Grammar.Tests;

/// <summary>A test over real schemas, which lie beside the repository or nowhere.</summary>
public sealed class RealSchemasFactAttribute : FactAttribute
{
    public RealSchemasFactAttribute()
    {
        if (Source is null)
        {
            Skip = "shared/schemas/schemas.jsonl is not beside the repository";
        }
    }

    internal static string? Source { get; } = Repository.Shared is { } shared && File.Exists(Path.Combine(shared, "schemas", "schemas.jsonl"))
        ? Path.Combine(shared, "schemas", "schemas.jsonl") : null;
}

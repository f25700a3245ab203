using System;
using System.IO;
using GemmaVk.Weights.Gguf.Writing;

namespace GemmaVk.Tests;

/// <summary>The small model and its drafter as GGUF, written once per test class.</summary>
public sealed class PebbleGguf : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PebbleGguf()
    {
        GgufExport.Write(Repository.Pebble, Model);
        GgufExport.Write(Repository.Path("weights", "pebble-assistant"), _folder["pebble-assistant.gguf"]);
    }

    /// <summary>The model; its projector and drafter lie beside it.</summary>
    public string Model => _folder["pebble.gguf"];

    /// <summary>The projector.</summary>
    public string Projector => _folder["mmproj-pebble.gguf"];

    /// <summary>The drafter.</summary>
    public string Drafter => _folder["pebble-assistant.gguf"];

    /// <summary>A path in the same folder.</summary>
    public string this[string name] => _folder[name];

    public void Dispose() => _folder.Dispose();
}

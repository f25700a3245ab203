using System.Text.Json.Serialization;

namespace GemmaVk.Runtime.Sessions;

/// <summary>How what a session file notes of its media is written, generated when this is compiled.</summary>
[JsonSerializable(typeof(string[][]))]
internal sealed partial class SessionJson : JsonSerializerContext;

using System.Collections.Generic;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GemmaVk.Mcp.Calls;

/// <summary>How arguments and complaints become JSON, generated when this is compiled.</summary>
[JsonSerializable(typeof(IDictionary<string, JsonElement>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class CallJson : JsonSerializerContext;

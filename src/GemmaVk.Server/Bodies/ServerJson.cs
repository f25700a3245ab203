using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GemmaVk.Server.Bodies;

/// <summary>
/// How bodies of one shape are written, generated when this is compiled. Events of streams are not among them: they are written by hand (<see cref="Http.JsonText"/>),
/// which takes less time and memory for each token.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Serialization | JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ErrorEnvelope))]
[JsonSerializable(typeof(MessagesError))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(PropsBody))]
[JsonSerializable(typeof(HealthBody))]
[JsonSerializable(typeof(StatusBody))]
[JsonSerializable(typeof(MediaBody))]
[JsonSerializable(typeof(DetokenizedBody))]
[JsonSerializable(typeof(TokenizerInfo))]
[JsonSerializable(typeof(CountedTokens))]
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(SavedSession))]
[JsonSerializable(typeof(RestoredSession))]
[JsonSerializable(typeof(DeletedSession))]
internal sealed partial class ServerJson : JsonSerializerContext
{
    /// <summary>With letters of every language as they are.</summary>
    public static ServerJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    });
}

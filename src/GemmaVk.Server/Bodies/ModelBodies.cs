using System.Collections.Generic;

namespace GemmaVk.Server.Bodies;

/// <summary>GET /v1/models.</summary>
internal sealed record ModelList(string Object, IReadOnlyList<ModelBody> Data);

/// <summary>A model, with what OpenAI's, vLLM's and llama-server's clients look for.</summary>
internal sealed record ModelBody(
    string Id, string Object, long Created, string OwnedBy, int MaxModelLen, int ContextLength, ModelModalities Architecture, ModelMeta Meta);

/// <summary>What goes in and comes out.</summary>
internal sealed record ModelModalities(IReadOnlyList<string> InputModalities, IReadOnlyList<string> OutputModalities);

/// <summary>Sizes, as llama-server names them; <paramref name="Size"/> in bytes.</summary>
internal sealed record ModelMeta(int VocabType, int NVocab, int NCtx, int NCtxTrain, int NEmbd, long Size);

/// <summary>GET /props, in llama-server's shape.</summary>
internal sealed record PropsBody(
    PropsSettings DefaultGenerationSettings, int TotalSlots, string ModelAlias, string ModelPath, PropsModalities Modalities, string ChatTemplate,
    PropsTemplate ChatTemplateCaps, string BosToken, string EosToken, string BuildInfo, bool IsSleeping);

/// <summary>What holds where a request says nothing.</summary>
internal sealed record PropsSettings(int Id, int NCtx, bool Speculative, bool IsProcessing, PropsSampling Params);

/// <summary>How tokens are drawn where a request says nothing; <paramref name="NPredict"/> is -1 for no limit.</summary>
internal sealed record PropsSampling(double Temperature, int TopK, double TopP, double MinP, int NPredict);

/// <summary>What the model takes beside text.</summary>
internal sealed record PropsModalities(bool Vision, bool Audio, bool Video);

/// <summary>What conversations may hold.</summary>
internal sealed record PropsTemplate(bool SupportsTools, bool SupportsToolCalls, bool SupportsSystemRole, bool SupportsParallelToolCalls, bool SupportsPreserveReasoning);

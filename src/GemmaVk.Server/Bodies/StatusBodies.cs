using System.Collections.Generic;

namespace GemmaVk.Server.Bodies;

/// <summary>GET /health and /ready, where all is well.</summary>
internal sealed record HealthBody(string Status);

/// <summary>GET /gemmavk/status: what the page shows of the inside.</summary>
internal sealed record StatusBody(
    string Model, string Device, string Backend, string DeviceReason, string Drafter, int Context, bool KeepsSessions, StatusQueue Queue, StatusMemory Memory,
    IReadOnlyList<StatusKernel> Kernels, StatusTotals Totals);

/// <summary>Answers that run and wait, and how many may.</summary>
internal sealed record StatusQueue(int Running, int Waiting, int Slots, int MostWaiting);

/// <summary>The plan against what is held.</summary>
internal sealed record StatusMemory(long PlannedBytes, long BudgetBytes, long HeldBytes, IReadOnlyList<StatusItem> Items);

/// <summary>An item of the plan.</summary>
internal sealed record StatusItem(string Name, long Bytes);

/// <summary>A kernel and its share of all kernels' time.</summary>
internal sealed record StatusKernel(string Name, double Share, double Milliseconds);

/// <summary>What was done since the server started.</summary>
internal sealed record StatusTotals(
    long Answers, long Cancelled, long Failed, long PromptTokens, long CachedTokens, long AnswerTokens, double TokensPerSecond, long Drafts, long DraftsKept,
    double Acceptance, double BytesPerSecond, double BandwidthBytesPerSecond, double? BandwidthShare);

/// <summary>POST /gemmavk/media: what the model gets of a picture, a sound or a clip.</summary>
internal sealed record MediaBody(
    string Kind, string Source, string Summary, string? Note, int Tokens, MediaGrid? Grid, IReadOnlyList<string> Stamps, double Seconds, int Pieces, int MostTokens);

/// <summary>Patches of a picture or of a clip's frames, and its pixels as the model gets them.</summary>
internal sealed record MediaGrid(int Columns, int Rows, int Patch, int Width, int Height, int Pictures);

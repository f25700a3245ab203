using System;
using System.Collections.Generic;
using System.Text.Json;

namespace GemmaVk.Server.Bodies;

/// <summary>GET /gemmavk/sessions.</summary>
internal sealed record SessionList(string Object, IReadOnlyList<SessionBody> Data);

/// <summary>A saved conversation; <paramref name="Saved"/> is when.</summary>
internal sealed record SessionBody(string Id, string Object, long Bytes, DateTime Saved);

/// <summary>A conversation was saved; <paramref name="Tokens"/> of it are in the file.</summary>
internal sealed record SavedSession(string Id, int Tokens);

/// <summary>A conversation is in a cache again; <paramref name="Conversation"/> is the body that it was saved with.</summary>
internal sealed record RestoredSession(string Id, int Tokens, JsonElement? Conversation);

/// <summary>A conversation was removed.</summary>
internal sealed record DeletedSession(string Id, bool Deleted);

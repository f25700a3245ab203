using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GemmaVk.Tensors;

namespace GemmaVk.Sessions;

/// <summary>The newest conversations of a client, by id. Thread-safe; a conversation is one caller's at a time.</summary>
/// <param name="most">How many are kept: the one that was used longest ago goes first. 0 for none.</param>
internal sealed class KeptConversations(int most)
{
    private readonly Lock _gate = new();

    // The one that was used longest ago first.
    private readonly List<KeptConversation> _kept = [];

    /// <summary>Takes a conversation, to be given back with <see cref="Return"/>.</summary>
    /// <param name="id">Null for a new one.</param>
    /// <returns>Null where none is kept and none was asked for.</returns>
    /// <exception cref="GemmaVkException">The id is none of those kept, or another call continues it.</exception>
    public KeptConversation? Take(string? id)
    {
        lock (_gate)
        {
            if (id is null)
            {
                return most == 0 ? null : new KeptConversation(Guid.NewGuid().ToString("N")) { Busy = true };
            }

            KeptConversation? found = _kept.Find(kept => kept.Id == id);
            if (found is null)
            {
                throw new GemmaVkException(most == 0
                    ? "ChatOptions.ConversationId: expected null, because this client keeps no conversations; give all messages with each call, or make the client with 'conversations'."
                    : $"ChatOptions.ConversationId '{VisibleText.Line(id)}': expected one of the {_kept.Count} conversations that this client holds (it keeps the {most} used last); leave it null and give all messages, which starts a new one.");
            }

            if (found.Busy)
            {
                throw new GemmaVkException($"ChatOptions.ConversationId '{id}': expected a conversation at rest, but another call continues it; wait for that answer.");
            }

            found.Busy = true;
            return found;
        }
    }

    /// <summary>Gives a conversation back.</summary>
    /// <param name="conversation">From <see cref="Take"/>.</param>
    /// <param name="answered">Whether it went on; a new one that did not is forgotten.</param>
    public void Return(KeptConversation conversation, bool answered)
    {
        lock (_gate)
        {
            conversation.Busy = false;
            if (answered)
            {
                _kept.Remove(conversation);
                _kept.Add(conversation);
            }

            // Whoever is being answered stays.
            while (_kept.Count > most && _kept.Find(kept => !kept.Busy) is { } oldest)
            {
                _kept.Remove(oldest);
            }
        }
    }
}

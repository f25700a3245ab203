using System;
using System.Linq;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Text;

namespace GemmaVk;

/// <summary>What a conversation does when its context is full: the oldest turns go, the system turn and the newest stay.</summary>
public sealed partial class GemmaSession
{
    /// <summary>Questions of the user that are in the context, each with its answer.</summary>
    public int Turns => _turns.Count;

    /// <summary>
    /// Forgets the oldest questions and their answers. The tokens that stay keep their order and their wording, but stand at other
    /// positions now: the next pass takes them in again, which costs the time of a prompt of their length.
    /// </summary>
    /// <param name="count">How many, 0 to <see cref="Turns"/>.</param>
    public void DropOldestTurns(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _turns.Count);
        if (count == 0)
        {
            return;
        }

        PromptRows past = _session.Past;
        int head = _turns[0];
        int cut = count == _turns.Count ? past.Length : _turns[count];
        _session.Restart(past.Without(head, cut));

        int system = _messages.Count > 0 && _messages[0].Role == "system" ? 1 : 0;
        int heard = _messages.GetRange(system, 2 * count).Sum(message => message.Parts?.Count(part => part.Kind != ChatPartKind.Text) ?? 0);
        _items.RemoveRange(0, heard);
        _messages.RemoveRange(system, 2 * count);
        _turns.RemoveRange(0, count);
        for (int i = 0; i < _turns.Count; i++)
        {
            _turns[i] -= cut - head;
        }
    }

    /// <summary>
    /// How many of the oldest turns make room for <paramref name="room"/> more tokens, and if possible for half the context, so that it is
    /// not full again at once.
    /// </summary>
    /// <param name="most">Turns that may go.</param>
    /// <param name="room">Tokens that must fit.</param>
    /// <returns>0 if all of them are not enough.</returns>
    private int TurnsToDrop(int most, int room)
    {
        int Free(int count) => Context - (count == _turns.Count ? _turns[0] : Length - (_turns[count] - _turns[0]));
        int enough = Enumerable.Range(1, most).FirstOrDefault(count => Free(count) >= Math.Max(room, Context / 2));
        return enough > 0 ? enough : most > 0 && Free(most) >= room ? most : 0;
    }

    /// <summary>Drops turns in the middle of an answer, if the caller agrees; the question that is being answered stays.</summary>
    private Func<bool>? MakeRoom(AskOptions options) => options.WhenFull is not { } agree ? null : () =>
    {
        // Less than a sixteenth would be full again before it was worth the time.
        int turns = TurnsToDrop(_turns.Count - 1, 1 + (Context / 16));
        if (turns == 0 || !agree(turns))
        {
            return false;
        }

        DropOldestTurns(turns);
        return true;
    };
}

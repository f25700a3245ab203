using System;
using System.Collections.Generic;
using GemmaVk.Grammar;
using GemmaVk.Text;

namespace GemmaVk.Structured;

/// <summary>
/// An answer's shape over a vocabulary: which token may come at a place, and where it leads. The grammar of an answer, in which the parts in
/// brackets may be left out:
/// <code>
/// answer := ["&lt;|channel>" tokens "&lt;channel|>"] (body | call+ | anything in which calls stand) end
/// call   := "&lt;|tool_call>" arguments of a declared tool "&lt;tool_call|>"
/// </code>
/// Says the same twice: <see cref="TryStep"/> for one token, <see cref="Fill"/> for all.
/// </summary>
/// <param name="tokenizer">Control tokens, and how text that is certain is spelled.</param>
/// <param name="stopIds">Tokens that end an answer.</param>
/// <param name="body">What its text may be, or null for anything.</param>
/// <param name="calls">What a call may be, or null where none may come.</param>
/// <param name="use">Whether one must come.</param>
/// <param name="several">Whether more than one may.</param>
internal sealed class ShapeRules(
    BpeTokenizer tokenizer, IReadOnlySet<int> stopIds, Constraint? body, Constraint? calls, ToolUse use, bool several)
{
    private readonly SpecialTokens _specials = tokenizer.Specials;
    private readonly uint[] _text = TextTokens(tokenizer);

    /// <summary>Where an answer begins.</summary>
    public ShapeSpot Start(bool mayThink, bool inThought) =>
        body is null && use != ToolUse.Required ? new ShapeSpot(ShapeStage.Free)
        : inThought ? new ShapeSpot(ShapeStage.Thought)
        : Opened(mayThink ? ShapeStage.Opening : ShapeStage.Opened);

    /// <summary>Whether some token may not come.</summary>
    public bool Binds(in ShapeSpot spot) => spot.Stage != ShapeStage.Free || use == ToolUse.None;

    /// <summary>Whether a token may come, and where it leads.</summary>
    public bool TryStep(in ShapeSpot spot, int id, out ShapeSpot next)
    {
        next = spot;
        if (stopIds.Contains(id))
        {
            next = new ShapeSpot(ShapeStage.Ended);
            return MayEnd(spot);
        }

        switch (spot.Stage)
        {
            case ShapeStage.Free:
                next = id == _specials.ToolCallOpen && calls is not null ? Called() : spot;
                return id != _specials.ToolCallOpen || use != ToolUse.None;
            case ShapeStage.Thought:
                next = id == _specials.ChannelClose ? Opened(ShapeStage.Opened) : spot;
                return id == _specials.ChannelClose || IsText(id);
            case ShapeStage.Call when id == _specials.ToolCallClose:
                next = body is null && use == ToolUse.Auto && several ? new ShapeSpot(ShapeStage.Free) : new ShapeSpot(ShapeStage.Between);
                return spot.Position.IsComplete;
            case ShapeStage.Call:
                return TryText(calls!, spot, ShapeStage.Call, id, out next);
            case ShapeStage.Between:
                next = Called();
                return id == _specials.ToolCallOpen && several;
            case ShapeStage.Opening when id == _specials.ChannelOpen:
                next = new ShapeSpot(ShapeStage.Thought);
                return true;
            case ShapeStage.Opening or ShapeStage.Opened when id == _specials.ToolCallOpen && calls is not null:
                next = Called();
                return true;
            case ShapeStage.Ended:
                return false;
            default:
                return body is not null && TryText(body, spot, ShapeStage.Body, id, out next);
        }
    }

    /// <summary>Writes which tokens may come.</summary>
    public void Fill(in ShapeSpot spot, Span<uint> allowed)
    {
        allowed.Clear();
        switch (spot.Stage)
        {
            case ShapeStage.Free:
                allowed.Fill(uint.MaxValue);
                Set(allowed, _specials.ToolCallOpen, use != ToolUse.None);
                return;
            case ShapeStage.Thought:
                _text.CopyTo(allowed);
                break;
            case ShapeStage.Call:
                calls!.Fill(spot.Position, allowed[..calls.Vocabulary.Words]);
                break;
            case ShapeStage.Opening or ShapeStage.Opened or ShapeStage.Body when body is not null:
                body.Fill(spot.Position, allowed[..body.Vocabulary.Words]);
                break;
        }

        // The control tokens that may come here, and no others.
        bool opens = spot.Stage is ShapeStage.Opening or ShapeStage.Opened;
        bool ends = MayEnd(spot);
        foreach (int stop in stopIds)
        {
            Set(allowed, stop, ends);
        }

        foreach (int stop in _specials.Stops)
        {
            Set(allowed, stop, ends && stopIds.Contains(stop));
        }

        Set(allowed, _specials.ChannelOpen, spot.Stage == ShapeStage.Opening);
        Set(allowed, _specials.ChannelClose, spot.Stage == ShapeStage.Thought);
        Set(allowed, _specials.ToolCallOpen, (opens && calls is not null) || (spot.Stage == ShapeStage.Between && several));
        Set(allowed, _specials.ToolCallClose, spot.Stage == ShapeStage.Call && spot.Position.IsComplete);
    }

    /// <summary>The tokens that spell what must come next, as the tokenizer cuts text; none where more than one byte may come.</summary>
    public int[] Certain(in ShapeSpot spot) => spot.Stage switch
    {
        ShapeStage.Opened when body is null => [_specials.ToolCallOpen, .. CertainText.Tokens(calls!, calls!.Start, tokenizer)],
        ShapeStage.Opened when calls is null => CertainText.Tokens(body!, spot.Position, tokenizer),
        ShapeStage.Body => CertainText.Tokens(body!, spot.Position, tokenizer),
        ShapeStage.Call when spot.Position.IsEnd => [_specials.ToolCallClose],
        ShapeStage.Call => CertainText.Tokens(calls!, spot.Position, tokenizer),
        _ => [],
    };

    private bool MayEnd(in ShapeSpot spot) => spot.Stage switch
    {
        ShapeStage.Free or ShapeStage.Between => true,
        ShapeStage.Opening or ShapeStage.Opened or ShapeStage.Body => body is not null && spot.Position.IsComplete,
        _ => false,
    };

    private ShapeSpot Opened(ShapeStage stage) => new(stage, body is null ? default : body.Start);

    private ShapeSpot Called() => calls is null ? default : new(ShapeStage.Call, calls.Start);

    private bool IsText(int id) => id >= 0 && id >> 5 < _text.Length && (_text[id >> 5] >> id & 1) != 0;

    private static bool TryText(Constraint grammar, in ShapeSpot spot, ShapeStage stage, int id, out ShapeSpot next)
    {
        next = spot;
        bool follows = id < grammar.Vocabulary.Size && grammar.TryAdvance(spot.Position, id, out GrammarPosition position) && Lead(position, stage, out next);
        return follows;
    }

    private static bool Lead(GrammarPosition position, ShapeStage stage, out ShapeSpot next)
    {
        next = new ShapeSpot(stage, position);
        return true;
    }

    private static void Set(Span<uint> allowed, int id, bool may)
    {
        if (id >> 5 < allowed.Length)
        {
            allowed[id >> 5] = may ? allowed[id >> 5] | (1u << id) : allowed[id >> 5] & ~(1u << id);
        }
    }

    private static uint[] TextTokens(BpeTokenizer tokenizer)
    {
        uint[] words = new uint[(tokenizer.VocabularySize + 31) / 32];
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            words[id >> 5] |= tokenizer.Specials.IsControl(id) ? 0 : 1u << id;
        }

        return words;
    }
}

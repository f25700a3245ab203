using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Grammar;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Structured;

/// <summary>
/// What an answer may be: JSON of a schema, a text of an expression or a grammar, calls of tools, or text and calls. It holds behind a thought,
/// if the model thinks. An answer that ends with <see cref="StopReason.Stop"/> fits it whole; one that a limit cuts off says so. What cannot be held
/// is refused when a shape is made, before anything is generated. Given to a session with <see cref="AskOptions.Shape"/>; one shape may serve any
/// number of answers, at the same time too, and is then faster than several that are equal.
/// </summary>
public sealed class AnswerShape
{
    private const string AnyObject = """{"type":"object"}""";

    private readonly KnownGrammar? _body;
    private readonly KnownGrammar? _calls;
    private readonly ToolUse _use;
    private readonly bool _several;
    private readonly System.Threading.Lock _gate = new();
    private (Vocabulary Vocabulary, ShapeRules Rules)? _newest;

    private AnswerShape(KnownGrammar? body, KnownGrammar? calls, ToolUse use, bool several) => (_body, _calls, _use, _several) = (body, calls, use, several);

    /// <summary>Any JSON object.</summary>
    public static AnswerShape JsonObject() => OfSchema(AnyObject);

    /// <summary>
    /// JSON that fits a schema. Properties come in the order in which it declares them; others come only where it says of what kind they are, or declares none.
    /// </summary>
    /// <param name="schema">JSON Schema, as text.</param>
    /// <param name="what">What it is, to begin a sentence with.</param>
    /// <exception cref="GemmaVkException">A keyword that cannot be held, and its path.</exception>
    public static AnswerShape OfSchema(string schema, string what = "the schema") => Body(what, schema, "schema", () => ClosedFirst(closed => TextGrammar.OfSchema(schema, new SchemaOptions(Closed: closed))));

    /// <inheritdoc cref="OfSchema(string, string)"/>
    /// <param name="schema">JSON Schema.</param>
    /// <param name="what">What it is, to begin a sentence with.</param>
    public static AnswerShape OfSchema(JsonElement schema, string what = "the schema") => OfSchema(schema.GetRawText(), what);

    /// <summary>Text that a regular expression matches from end to end.</summary>
    /// <param name="expression">The expression, as JSON Schema and .NET write them; without look-around and references back.</param>
    /// <param name="what">What it is, to begin a sentence with.</param>
    /// <exception cref="GemmaVkException">It is not regular, or no text matches.</exception>
    public static AnswerShape OfExpression(string expression, string what = "the expression") => Body(what, expression, "expression", () => TextGrammar.OfExpression(expression));

    /// <summary>Text of a grammar in the notation of llama.cpp (GBNF), whose first rule is "root".</summary>
    /// <param name="grammar">Its rules.</param>
    /// <param name="what">What it is, to begin a sentence with.</param>
    /// <exception cref="GemmaVkException">A rule that cannot be held, and why.</exception>
    public static AnswerShape OfGrammar(string grammar, string what = "the grammar") => Body(what, grammar, "grammar", () => TextGrammar.OfGbnf(grammar));

    /// <summary>Calls of tools, beside text that may be anything; see <see cref="WithTools"/>.</summary>
    /// <returns>Null where nothing is to be held: the model decides, and no tool is strict.</returns>
    /// <exception cref="GemmaVkException">A schema that cannot be held, and the path of the keyword; or there is no such tool.</exception>
    public static AnswerShape? OfTools(IReadOnlyList<ToolDeclaration> tools, ToolUse use, string? only = null, bool several = true) =>
        use == ToolUse.Auto && only is null && !tools.Any(tool => tool.IsStrict) ? null
        : use == ToolUse.None ? new AnswerShape(null, null, use, several)
        : new AnswerShape(null, Calls(tools, use, only), only is null ? use : ToolUse.Required, several);

    /// <summary>
    /// This, or calls of tools. Arguments of a tool that is declared strict fit its schema; where a call is required, those of every tool do. Others are objects of
    /// any form.
    /// </summary>
    /// <param name="tools">The declared tools.</param>
    /// <param name="use">Whether some are called; <see cref="ToolUse.Required"/> leaves no room for text.</param>
    /// <param name="only">The one tool that must be called, or null.</param>
    /// <param name="several">Whether an answer may make more than one call.</param>
    /// <exception cref="GemmaVkException">A schema that cannot be held, and the path of the keyword; or there is no such tool.</exception>
    public AnswerShape WithTools(IReadOnlyList<ToolDeclaration> tools, ToolUse use, string? only = null, bool several = true) =>
        tools.Count == 0 || use == ToolUse.None ? this
        : use == ToolUse.Required || only is not null ? OfTools(tools, ToolUse.Required, only, several)!
        : new AnswerShape(_body, Calls(tools, use, only), use, several);

    /// <summary>Whether text of the answer has a form, so that nothing may cut it off.</summary>
    public bool HasBody => _body is not null;

    /// <summary>Follows one answer.</summary>
    /// <param name="engine">Whose.</param>
    /// <param name="mayThink">Whether it may begin with a thought.</param>
    /// <param name="inThought">Whether the prompt ends inside one.</param>
    public IAnswerConstraint Follow(GemmaEngine engine, bool mayThink = false, bool inThought = false)
    {
        ArgumentNullException.ThrowIfNull(engine);
        lock (_gate)
        {
            if (_newest?.Vocabulary != engine.Vocabulary)
            {
                // Here, and not between two passes for which all answers wait.
                Vocabulary vocabulary = engine.Vocabulary;
                vocabulary.Prepare(_calls is not null);
                _newest = (vocabulary, new ShapeRules(engine.Tokenizer, engine.StopIds, _body?.Over(vocabulary), _calls?.Over(vocabulary), _use, _several));
            }

            return new ShapedAnswer(_newest.Value.Rules, mayThink, inThought);
        }
    }

    private static AnswerShape Body(string what, string source, string kind, Func<TextGrammar> build) =>
        new(ShapeCache.Of(kind, source, () => Checked(what, build)), null, ToolUse.None, several: false);

    private static KnownGrammar Calls(IReadOnlyList<ToolDeclaration> tools, ToolUse use, string? only)
    {
        ToolDeclaration[] callable = [.. tools.Where(tool => only is null || tool.Name == only)];
        if (callable.Length == 0)
        {
            throw new GemmaVkException(tools.Count == 0
                ? "tools: expected one at least where a call is required, but none was declared; declare it, or let the model decide."
                : $"tool {only}: expected one that is declared ({string.Join(", ", tools.Select(tool => tool.Name))}); name one of them.");
        }

        using JsonDocument any = JsonDocument.Parse(AnyObject);
        bool all = use == ToolUse.Required || only is not null;
        CallSchema[] schemas = [.. callable.Select(tool => new CallSchema(tool.Name, all || tool.IsStrict ? tool.Parameters ?? any.RootElement.Clone() : any.RootElement.Clone()))];
        string key = string.Join('\n', schemas.Select(tool => $"{tool.Name} {tool.Parameters.GetRawText()}"));
        return ShapeCache.Of("calls", key, () => Checked("tool", () => ClosedFirst(closed => TextGrammar.OfCalls(schemas, closed))));
    }

    /// <summary>Without properties that are not declared, unless a schema says that it wants some.</summary>
    private static TextGrammar ClosedFirst(Func<bool, TextGrammar> build)
    {
        try
        {
            return build(true);
        }
        catch (GrammarException)
        {
            return build(false);
        }
    }

    private static TextGrammar Checked(string what, Func<TextGrammar> build)
    {
        try
        {
            return build();
        }
        catch (GrammarException e)
        {
            string at = e.Path.Length == 0 ? "" : $" at {e.Path}";
            throw new GemmaVkException($"{what}{at}: expected what can be held exactly while an answer is written, but \"{e.Keyword}\" cannot: {e.Reason}.", e);
        }
    }
}

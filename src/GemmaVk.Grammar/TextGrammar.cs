using System;
using System.Collections.Generic;
using System.Text.Json;
using GemmaVk.Grammar.Automata;
using GemmaVk.Grammar.Expressions;
using GemmaVk.Grammar.Gbnf;
using GemmaVk.Grammar.Lexing;
using GemmaVk.Grammar.Schemas;

namespace GemmaVk.Grammar;

/// <summary>
/// What an answer may be, compiled: a JSON Schema, a regular expression, or a grammar. What cannot be held exactly is refused when it is built.
/// Used with a vocabulary through <see cref="Constraint"/>.
/// </summary>
public sealed class TextGrammar
{
    /// <summary>Most bytes of a source.</summary>
    public const int MostBytes = 1 << 20;

    // What the reader of JSON takes by itself.
    private const int DeepestJson = 64;

    private TextGrammar(Value root) => Root = root;

    internal Value Root { get; }

    /// <summary>Guards what grows while texts are followed.</summary>
    internal System.Threading.Lock Gate { get; } = new();

    /// <summary>Compiles a JSON Schema: objects are written with their declared properties in order.</summary>
    /// <exception cref="GrammarException">The keyword that cannot be held, with its JSON pointer.</exception>
    public static TextGrammar OfSchema(string schema, SchemaOptions? options = null)
    {
        if (schema.Length > MostBytes)
        {
            throw new GrammarException("", "schema", $"the schema has {schema.Length} characters; at most {MostBytes} are taken");
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = DeepestJson });
        }
        catch (JsonException e)
        {
            throw new GrammarException("", "schema", Why(schema, e));
        }

        return OfSchema(document.RootElement, options);
    }

    private static string Why(string schema, JsonException error)
    {
        if (string.IsNullOrWhiteSpace(schema))
        {
            return "it is empty; expected JSON, such as {\"type\": \"object\"}";
        }

        try
        {
            JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = int.MaxValue }).Dispose();
            return $"it is nested deeper than {DeepestJson} levels; flatten it, or name its parts in $defs";
        }
        catch (JsonException)
        {
            return $"it is not JSON: it cannot be read from byte {error.BytePositionInLine + 1} of line {error.LineNumber + 1} on";
        }
    }

    /// <summary>Compiles a JSON Schema that was parsed.</summary>
    /// <exception cref="GrammarException">The keyword that cannot be held, with its JSON pointer.</exception>
    public static TextGrammar OfSchema(JsonElement schema, SchemaOptions? options = null) => new(SchemaCompiler.Build(schema, options ?? new SchemaOptions()));

    /// <summary>Compiles a regular expression, which the whole answer must match.</summary>
    /// <exception cref="GrammarException">The construct that is not regular, with its place.</exception>
    public static TextGrammar OfExpression(string expression)
    {
        var terms = new TermTable();
        try
        {
            Term language = Pattern.Whole(terms, ExpressionParser.Parse(expression, terms, Reading.Exact));
            if (!terms.IsLive(language))
            {
                throw new GrammarException("the expression", "expression", "no text matches it");
            }

            var root = new Value { Possible = true };
            root.Starts.Add(new LexemeNode(new ByteDfa(terms, language, Spelling.Plain)) { Possible = true });
            return new TextGrammar(root);
        }
        catch (FormatException e)
        {
            throw new GrammarException("the expression", "expression", e.Message);
        }
    }

    /// <summary>
    /// Compiles calls of tools as Gemma writes them between its control tokens: <c>call:NAME{key:value,...}</c>, where the tokens around a string
    /// are the only marks (<see cref="Vocabulary"/>). The arguments fit the schema of the tool that is named; properties come in any order.
    /// </summary>
    /// <param name="tools">At least one.</param>
    /// <param name="closed">As <see cref="SchemaOptions.Closed"/>.</param>
    /// <exception cref="GrammarException">The keyword that cannot be held: name of the tool, '#', JSON pointer into its schema.</exception>
    public static TextGrammar OfCalls(IEnumerable<CallSchema> tools, bool closed = false)
    {
        var root = new Value { Possible = true };
        var terms = new TermTable();
        foreach (CallSchema tool in tools)
        {
            if (!CallSchema.IsName(tool.Name))
            {
                throw new GrammarException($"{tool.Name}#", "name", "the name of a tool is made of letters, digits and _ . - : / @ $");
            }

            try
            {
                var call = new RuleNode { Possible = true };
                (int start, int named, int end) = (call.Place(), call.Place(), call.Place());
                call.Way(start, new LexemeNode(new ByteDfa(terms, terms.Literal($"call:{tool.Name}"), Spelling.Plain)) { Possible = true }, named);
                foreach (Node arguments in SchemaCompiler.BuildArguments(tool.Parameters, closed))
                {
                    call.Way(named, arguments, end);
                }

                call.End(end);
                root.Starts.Add(call);
            }
            catch (GrammarException e)
            {
                throw new GrammarException($"{tool.Name}#{e.Path}", e.Keyword, e.Reason);
            }
        }

        return root.Starts.Count > 0 ? new TextGrammar(root) : throw new ArgumentException("no tool was given", nameof(tools));
    }

    /// <summary>Compiles a grammar in the notation of llama.cpp (GBNF); its first rule is "root".</summary>
    /// <exception cref="GrammarException">The rule that cannot be held, and why.</exception>
    public static TextGrammar OfGbnf(string grammar) => new(GbnfCompiler.Build(grammar));

    /// <summary>Whether a whole text is one of the grammar's.</summary>
    /// <param name="utf8">The text.</param>
    public bool Matches(ReadOnlySpan<byte> utf8)
    {
        lock (Gate)
        {
            Automaton automaton = new(Root);
            return automaton.Step(automaton.Start, utf8) is { IsComplete: true };
        }
    }
}

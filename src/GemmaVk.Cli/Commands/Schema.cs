using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Text.Json;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Measuring;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Grammar;
using GemmaVk.Text;

namespace GemmaVk.Cli.Commands;

/// <summary>What becomes of JSON Schemas: built or refused and why, which instances pass, states, times. No model is loaded, its tokens are.</summary>
internal sealed class Schema : Verb
{
    private readonly Argument<string> _file = new("file") { Description = "A schema, or lines of {\"name\", \"schema\", \"tests\": [{\"valid\", \"data\"}]}." };
    private readonly ModelOption _model = new();
    private readonly Option<string?> _tokenizer = new("--tokenizer") { Description = "A tokenizer.json with another vocabulary. Default: that of --model.", HelpName = "FILE" };
    private readonly Option<bool> _anyOrder = new("--any-order") { Description = "Let declared properties come in any order; otherwise they come as declared." };
    private readonly Option<bool> _compact = new("--compact") { Description = "Allow no blanks between marks; otherwise one space, or a line's end and indentation." };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object: schemas, built, refused, over_constraint, under_constraint, build_us, mask_us." };

    public Schema()
        : base("schema", "Compiles JSON Schemas to token masks and tries instances on them: what is built or refused and why, what passes, how long it takes. Exit code 1 where nothing is built or an instance that is not valid passes.")
    {
        Arguments.Add(_file);
        Options.Add(_model);
        Options.Add(_tokenizer);
        Options.Add(_anyOrder);
        Options.Add(_compact);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk schema person.json",
        "gemmavk schema schemas.jsonl --model ~/gemma-4-12b --json",
        "gemmavk schema schemas.jsonl --tokenizer ~/gemma-4-12b/tokenizer.json --any-order",
    ];

    public override int Run(ParseResult parsed, Surroundings surroundings)
    {
        List<(string Name, JsonElement Schema, JsonElement Tests)> entries = SchemaFile.Read(parsed.GetValue(_file)!);
        BpeTokenizer tokenizer = parsed.GetValue(_tokenizer) is { } tokens ? BpeTokenizer.Load(tokens) : Own(_model.Folder(parsed));
        Vocabulary vocabulary = new(tokenizer);
        vocabulary.Prepare();
        SchemaOptions options = new(!parsed.GetValue(_compact), parsed.GetValue(_anyOrder));
        SchemaReport report = new(vocabulary.Size);
        foreach ((string name, JsonElement schema, JsonElement tests) in entries)
        {
            report.Add(SchemaTrial.Run(name, schema, tests, vocabulary, tokenizer, options, report.MaskMicroseconds));
        }

        if (parsed.GetValue(_json))
        {
            JsonOutput.Write(surroundings.Terminal.Out, report.Write);
        }
        else
        {
            report.WriteTables(surroundings.Terminal.Out);
        }

        return report.Built > 0 && report.UnderConstraint == 0 ? ExitCode.Done : ExitCode.UserError;
    }

    private static BpeTokenizer Own(string model) => ModelTokenizer.Load(model) ?? BpeTokenizer.Load(ModelTokenizer.Place(model));
}

using System.IO;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Grammar.Tests;

/// <summary>Real schemas with instances: how many are built, and that nothing invalid passes.</summary>
public class RealSchemasTests
{
    [RealSchemasFact]
    public void Nothing_invalid_passes()
    {
        int schemas = 0;
        int tried = 0;
        int built = 0;
        int valid = 0;
        int over = 0;
        foreach (string line in File.ReadLines(RealSchemasFactAttribute.Source!))
        {
            // Every third is enough here; the verb "schema" tries them all.
            if (schemas++ % 3 != 0)
            {
                continue;
            }

            using JsonDocument entry = JsonDocument.Parse(line);
            tried++;
            TextGrammar grammar;
            try
            {
                grammar = TextGrammar.OfSchema(entry.RootElement.GetProperty("schema"), new SchemaOptions(AnyOrder: true));
            }
            catch (GrammarException refused)
            {
                Assert.NotEmpty(refused.Keyword);
                continue;
            }

            built++;
            foreach (JsonElement test in entry.RootElement.GetProperty("tests").EnumerateArray())
            {
                // The set's own spelling is compact; only numbers and escapes may differ between writers.
                bool taken = grammar.Takes(JsonSerializer.Serialize(test.GetProperty("data")));
                if (test.GetProperty("valid").GetBoolean())
                {
                    valid++;
                    over += taken ? 0 : 1;
                }
                else
                {
                    Assert.False(taken, $"{entry.RootElement.GetProperty("name").GetString()} lets {test.GetProperty("data").GetRawText()} through");
                }
            }
        }

        Assert.True(built >= tried * 0.95, $"{built} of {tried} built");
        Assert.True(over <= valid * 0.02, $"{over} of {valid} valid instances not taken");
    }
}

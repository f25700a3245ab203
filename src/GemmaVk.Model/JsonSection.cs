using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Model;

/// <summary>
/// One object of a configuration file with typed reads. An absent key and a JSON null both mean "use the default";
/// a value of the wrong kind is an error that names file and key.
/// </summary>
internal readonly struct JsonSection
{
    // An untrusted list must not cost more than what the file holds, and no list here is longer than the layer count.
    private const int LongestList = 65536;

    private readonly JsonElement _element;
    private readonly string _file;
    private readonly string _path;

    public JsonSection(JsonElement element, string file, string path)
    {
        _element = element;
        _file = file;
        _path = path;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new GemmaVkException(
                $"{file}: {(path.Length == 0 ? "the file" : path.TrimEnd('.'))} must be a JSON object, but is {Describe(element)}; restore the file that was published with the checkpoint.");
        }

        CheckNames();
    }

    /// <summary>True for a key that is there with the value null: not the same as an absent one where null is a choice.</summary>
    public bool IsNull(string key) => _element.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Null;

    public JsonSection? Section(string key) =>
        TryGet(key, out JsonElement value) ? new JsonSection(value, _file, $"{_path}{key}.") : null;

    public IEnumerable<(string Name, JsonSection Section)> Sections()
    {
        string file = _file, path = _path;
        foreach (JsonProperty property in _element.EnumerateObject())
        {
            yield return (property.Name, new JsonSection(property.Value, file, $"{path}{property.Name}."));
        }
    }

    public string? Text(string key) => !TryGet(key, out JsonElement value)
        ? null
        : value.ValueKind == JsonValueKind.String ? ReadString(value, key) : throw Wrong(key, "a string", value);

    public bool Flag(string key, bool absent) => !TryGet(key, out JsonElement value)
        ? absent
        : value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(key, "true or false", value),
        };

    public int Whole(string key, int absent) => WholeOrNull(key) ?? absent;

    public int? WholeOrNull(string key) => TryGet(key, out JsonElement value) ? ToWhole(value, key) : null;

    public double Number(string key, double absent) => NumberOrNull(key) ?? absent;

    public double? NumberOrNull(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        double number = 0;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out number) || !double.IsFinite(number))
        {
            throw Wrong(key, "a number", value);
        }

        // All of them are used in float32: one that becomes infinite or zero there, on a GPU the subnormal ones too, is not what the file says.
        float single = (float)number;
        return number == 0 || float.IsNormal(single)
            ? number + 0.0
            : throw Wrong(key, "a number that float32 can hold", value);
    }

    /// <summary>The keys that are there with a value other than null, each with its value as the file writes it.</summary>
    public IEnumerable<(string Key, string Value)> Given()
    {
        foreach (JsonProperty property in _element.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null)
            {
                yield return (property.Name, IsEmpty(property.Value) ? property.Value.GetRawText() : Describe(property.Value));
            }
        }
    }

    public IReadOnlyList<string>? Texts(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        List<string> texts = [];
        foreach (JsonElement item in Items(key, value))
        {
            texts.Add(item.ValueKind == JsonValueKind.String ? ReadString(item, key) : throw Wrong(key, "a list of strings", item));
        }

        return texts;
    }

    /// <summary>A list of whole numbers; a single number is a list of one.</summary>
    public IReadOnlyList<int>? Wholes(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        List<int> numbers = [];
        if (value.ValueKind == JsonValueKind.Number)
        {
            numbers.Add(ToWhole(value, key));
            return numbers;
        }

        foreach (JsonElement item in Items(key, value))
        {
            numbers.Add(ToWhole(item, key));
        }

        return numbers;
    }

    /// <summary>A list of numbers.</summary>
    public IReadOnlyList<double>? Numbers(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        List<double> numbers = [];
        foreach (JsonElement item in Items(key, value))
        {
            numbers.Add(item.ValueKind == JsonValueKind.Number && item.TryGetDouble(out double number) ? number : throw Wrong(key, "a list of numbers", item));
        }

        return numbers;
    }

    public GemmaVkException Wrong(string key, string expected, string actual, string remedy) =>
        new($"{_file}: {_path}{key} must be {expected}, but is {actual}; {remedy}");

    // A name given twice has two meanings, and an escape that is half a character has none.
    private void CheckNames()
    {
        HashSet<string> names = [];
        try
        {
            foreach (JsonProperty property in _element.EnumerateObject())
            {
                if (!names.Add(property.Name))
                {
                    throw Wrong(property.Name, "given once", "there twice", "restore the file that was published with the checkpoint.");
                }
            }
        }
        catch (InvalidOperationException error)
        {
            throw new GemmaVkException($"{_file}: the names in {(_path.Length == 0 ? "the file" : _path.TrimEnd('.'))} must be valid UTF-8, but are not; restore the file that was published with the checkpoint.", error);
        }
    }

    private GemmaVkException Wrong(string key, string expected, JsonElement actual) =>
        Wrong(key, expected, Describe(actual), "restore the file that was published with the checkpoint.");

    private bool TryGet(string key, out JsonElement value) =>
        _element.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;

    private JsonElement.ArrayEnumerator Items(string key, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(key, "a list", value);
        }

        return value.GetArrayLength() <= LongestList
            ? value.EnumerateArray()
            : throw Wrong(key, $"a list of at most {LongestList} items", $"a list of {value.GetArrayLength()}", "restore the file that was published with the checkpoint.");
    }

    private int ToWhole(JsonElement value, string key)
    {
        // 3840.0 is as good as 3840: some writers keep every number as a float.
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number)
            && number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue)
        {
            return (int)number;
        }

        throw Wrong(key, $"a whole number within {int.MaxValue.ToString(CultureInfo.InvariantCulture)}", value);
    }

    private string ReadString(JsonElement value, string key)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong(key, "valid UTF-8", "not", "restore the file that was published with the checkpoint.");
        }
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.GetPropertyCount() == 0,
        _ => false,
    };

    private static string Describe(JsonElement value)
    {
        string raw = value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            JsonValueKind.Null => "null",
            JsonValueKind.Undefined => "absent",
            _ => value.GetRawText(),
        };
        return raw.Length <= 40 ? raw : raw[..40] + "...";
    }
}

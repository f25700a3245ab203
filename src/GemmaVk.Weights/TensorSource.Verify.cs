using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Weights;

/// <summary>What is checked before any weight is used: the file holds what config.json says, and no layer of anything else.</summary>
public abstract partial class TensorSource
{
    private const string Head = "lm_head";
    private const string Embedding = "embed_tokens" + Suffix;
    private const string OwnHead = "a head of its own is not implemented: use a checkpoint whose head is its embedding, or download this one again.";

    // What a running model computes from its configuration; some writers save it along.
    private static readonly string[] Buffers = ["inv_freq", "position_ids", "cos_cached", "sin_cached", "masked_bias", "embed_scale"];
    private readonly List<string> _unused = [];

    /// <summary>Checks presence, type and shape of every tensor; of the data only shapes and second copies are read, of large ones some rows.</summary>
    /// <exception cref="GemmaVkException">One is missing, not as configured, or belongs to another model.</exception>
    public void Verify()
    {
        foreach (TensorSpec spec in Table.Where(spec => spec.Role != TensorRole.Duplicate))
        {
            if (IsGguf)
            {
                CheckGguf(spec);
                continue;
            }

            if (spec.Role == TensorRole.Vector)
            {
                (TensorFile file, FileTensor tensor) = Find(spec.Name);
                CheckShape(file, tensor, spec.Shape);
                PlainType(file, tensor);
            }
            else
            {
                Stored(spec);
            }

            CheckSpellings(spec);
        }

        if (IsGguf)
        {
            // That every other tensor has a place was seen when it got its name.
            CheckGgufHead();
            return;
        }

        TensorSpec embedding = Table.First(spec => spec.Role == TensorRole.Embedding);
        foreach ((TensorFile file, FileTensor tensor) in _index.Tensors)
        {
            CheckPlace(embedding, file, tensor);
        }
    }

    /// <summary>Tensors that have no place in the model and are not read, outside its layers.</summary>
    private protected IReadOnlyList<string> Unused => _unused;

    private void CheckPlace(TensorSpec embedding, TensorFile file, FileTensor tensor)
    {
        string name = tensor.Name;
        if (IsPart(name, Head))
        {
            CheckHead(embedding, file, tensor);
        }
        else if (name == Embedding || name.EndsWith("." + Embedding, StringComparison.Ordinal))
        {
            RequireCopy(embedding, file, tensor, "because the model has one embedding", Remedy);
        }
        else if (!IsExpected(name) && !Buffers.Any(buffer => name.EndsWith(buffer, StringComparison.Ordinal)))
        {
            // A layer that is not configured, or scales of a layout that is not: the numbers would be wrong without it.
            if (name.Contains(".layers.", StringComparison.Ordinal) && !IsSpareValue(file, tensor))
            {
                throw new GemmaVkException(
                    $"{file.Path}: tensor {name} must have a place in the model that config.json describes, but has none; {Remedy}");
            }

            if (!name.Contains(".layers.", StringComparison.Ordinal))
            {
                if (tensor.Extents.Count == 2 && tensor.Extents[0] == embedding.Shape[0] && tensor.Extents[1] == embedding.Shape[1])
                {
                    // Whatever it is called: only a head, or an embedding, has a row for each token.
                    RequireCopy(embedding, file, tensor, "because it has its shape and config.json ties head and embedding", OwnHead);
                }
                else
                {
                    _unused.Add(name);
                }
            }
        }
    }

    private bool IsExpected(string name)
    {
        int suffix = name.LastIndexOf(".weight_", StringComparison.Ordinal);
        bool isPart = suffix >= 0 && name[(suffix + ".weight_".Length)..] is "packed" or "scale" or "shape";
        string whole = isPart ? name[..suffix] + Suffix : name;
        foreach (string released in TensorNames.Released(whole))
        {
            if (Table.Find(released) is { } spec && (!isPart || spec.Role == TensorRole.Linear))
            {
                return true;
            }
        }

        return !isPart && Table.Any(spec => TensorNames.Spellings(spec.Name).Contains(name));
    }

    /// <summary>Whether a name is that of a module's weight, whole or in parts, whatever stands before the module.</summary>
    private static bool IsPart(string name, string module)
    {
        int dot = name.LastIndexOf('.');
        return dot > 0 && (name[..dot] == module || name[..dot].EndsWith("." + module, StringComparison.Ordinal));
    }

    /// <summary>One tensor under two of its accepted names: both must say the same.</summary>
    private void CheckSpellings(TensorSpec spec)
    {
        foreach (string whole in new[] { spec.Name, Packed(spec.Name), Scale(spec.Name) }.Distinct())
        {
            (TensorFile File, FileTensor Tensor)? first = null;
            foreach (string spelling in TensorNames.Spellings(whole))
            {
                if (!_index.TryFind(spelling, out TensorFile file, out FileTensor tensor))
                {
                    continue;
                }

                if (first is { } known && !SameValues.Of(known, (file, tensor)))
                {
                    throw new GemmaVkException(
                        $"{file.Path}: {tensor.Name} must be the same as {known.Tensor.Name}, because both are names of one tensor, but differs from it; {Remedy}");
                }

                first ??= (file, tensor);
            }
        }
    }

    /// <summary>A second head, under any name and in any type, must be the embedding again.</summary>
    private void CheckHead(TensorSpec embedding, TensorFile file, FileTensor head)
    {
        const string Tied = "because config.json ties them";
        string stem = head.Name[..head.Name.LastIndexOf('.')];
        switch (head.Name[(stem.Length + 1)..])
        {
            case "weight" when SameValues.IsPlain(head.DType):
                RequireCopy(embedding, file, head, Tied, OwnHead);
                break;
            case "weight" or "weight_packed":
                bool rounded = _index.TryFind(stem + ".weight_scale", out TensorFile scaleFile, out FileTensor scale)
                    && SameValues.IsRounded((file, head), (scaleFile, scale), Find(embedding.Name));
                if (!rounded)
                {
                    throw NoCopy(embedding, file, head, Tied, OwnHead);
                }

                break;
            case "weight_scale" or "weight_shape" or "weight_zero_point" when _index.TryFind(stem + ".weight", out _, out _) || _index.TryFind(stem + ".weight_packed", out _, out _):
                break;
            default:
                throw new GemmaVkException($"{file.Path}: {head.Name} must not be there, because config.json ties the head to the embedding, which has no such part; {OwnHead}");
        }
    }

    private void RequireCopy(TensorSpec embedding, TensorFile file, FileTensor copy, string why, string remedy)
    {
        (TensorFile File, FileTensor Tensor) own = Find(embedding.Name);
        if (own.Tensor.Name != copy.Name && !SameValues.Of(own, (file, copy)))
        {
            throw NoCopy(embedding, file, copy, why, remedy);
        }
    }

    private GemmaVkException NoCopy(TensorSpec embedding, TensorFile file, FileTensor copy, string why, string remedy) =>
        new($"{file.Path}: {copy.Name} must be a copy of {Find(embedding.Name).Tensor.Name}, {why}, but differs from it; {remedy}");

    /// <summary>Values of a layer whose values are its keys: a copy of k_proj is passed over.</summary>
    private bool IsSpareValue(TensorFile file, FileTensor value)
    {
        const string Values = ".self_attn.v_proj.";
        string keys = value.Name.Replace(Values, ".self_attn.k_proj.", StringComparison.Ordinal);
        if (keys == value.Name || !_index.TryFind(keys, out TensorFile keyFile, out FileTensor key))
        {
            return false;
        }

        return SameValues.Of((keyFile, key), (file, value)) ? true : throw new GemmaVkException(
            $"{file.Path}: {value.Name} must be a copy of {key.Name}, because config.json says attention_k_eq_v, but differs from it; "
            + "use the config.json that was saved with these weights: with values of their own it says \"attention_k_eq_v\": false.");
    }
}

using System;
using GemmaVk.Model;
using GemmaVk.Tensors;

namespace GemmaVk.Weights;

/// <summary>What is checked before any weight is used: the file holds what config.json says, and no layer of anything else.</summary>
public abstract partial class TensorSource
{
    // Rows of the second head that are compared with the embedding: enough to tell another matrix, too few to read gigabytes.
    private const int ComparedRows = 16;

    /// <summary>Checks presence, type and shape of every tensor; of the data only shapes and a few rows of a second head are read.</summary>
    /// <exception cref="GemmaVkException">One is missing, not as configured, or belongs to another model.</exception>
    public void Verify()
    {
        foreach (TensorSpec spec in Table)
        {
            if (spec.Role is TensorRole.Vector or TensorRole.Duplicate)
            {
                if (spec.Required || Locate(spec.Name, out _, out _))
                {
                    (SafetensorsFile file, SafetensorsTensor tensor) = Find(spec.Name);
                    CheckShape(file, tensor, spec.Shape);
                    PlainType(file, tensor);
                }
            }
            else
            {
                Stored(spec);
            }

            if (spec.Role == TensorRole.Embedding)
            {
                CheckSecondHead(spec);
            }
        }

        foreach ((SafetensorsFile file, SafetensorsTensor tensor) in _index.Tensors)
        {
            // A layer that is not configured, or scales of a layout that is not: the numbers would be wrong without it.
            if (tensor.Name.Contains(".layers.", StringComparison.Ordinal) && !IsExpected(tensor.Name))
            {
                throw new GemmaVkException(
                    $"{file.Path}: tensor {tensor.Name} must have a place in the model that config.json describes, but has none; {Remedy}");
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

        return false;
    }

    private void CheckSecondHead(TensorSpec embedding)
    {
        if (!Locate(TensorNames.LmHead, out SafetensorsFile headFile, out SafetensorsTensor head))
        {
            return;
        }

        (SafetensorsFile file, SafetensorsTensor tensor) = Find(embedding.Name);
        CheckShape(headFile, head, embedding.Shape);
        long rowBytes = head.ByteLength / embedding.Shape[0];
        bool equal = head.ByteLength == tensor.ByteLength;
        for (int i = 0; equal && i < ComparedRows; i++)
        {
            long first = (embedding.Shape[0] - 1) * i / (ComparedRows - 1) * rowBytes;
            equal = headFile.Bytes(head, first, (int)rowBytes).SequenceEqual(file.Bytes(tensor, first, (int)rowBytes));
        }

        if (!equal)
        {
            throw new GemmaVkException(
                $"{headFile.Path}: {head.Name} must be a copy of {tensor.Name}, because config.json ties them, but differs from it; {Remedy}");
        }
    }
}

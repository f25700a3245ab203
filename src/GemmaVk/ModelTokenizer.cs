using System.IO;
using GemmaVk.Tensors;
using GemmaVk.Text;
using GemmaVk.Weights;
using GemmaVk.Weights.Gguf;

namespace GemmaVk;

/// <summary>The tokenizer of a model: tokenizer.json of its folder, or the vocabulary inside its GGUF file.</summary>
public static class ModelTokenizer
{
    /// <summary>Where a model's vocabulary stands.</summary>
    public static string Place(string model) => GgufNeighbours.IsGguf(model) ? model : Path.Combine(model, "tokenizer.json");

    /// <summary>Reads the tokenizer of a model that is not opened for anything else; null where a folder has none.</summary>
    /// <exception cref="GemmaVkException">It is damaged, or no Gemma 4 vocabulary.</exception>
    public static BpeTokenizer? Load(string model)
    {
        if (!GgufNeighbours.IsGguf(model))
        {
            return LoadJson(Place(model));
        }

        using VocabularyFile file = VocabularyFile.Open(model);
        return Of(file.Vocabulary);
    }

    /// <summary>The tokenizer of an opened checkpoint; null where its folder has none.</summary>
    /// <exception cref="GemmaVkException">It is damaged, no Gemma 4 vocabulary, or that of another model.</exception>
    internal static BpeTokenizer? Load(Checkpoint checkpoint)
    {
        BpeTokenizer? tokenizer = checkpoint.Vocabulary is { } vocabulary ? Of(vocabulary) : LoadJson(Place(checkpoint.Directory));
        return tokenizer is null || tokenizer.VocabularySize <= checkpoint.Config.VocabSize
            ? tokenizer
            : throw new GemmaVkException(
                $"{Place(checkpoint.Directory)} has {tokenizer.VocabularySize} tokens, but config.json says vocab_size {checkpoint.Config.VocabSize}: the two belong to different models. Take both from one checkpoint.");
    }

    private static BpeTokenizer? LoadJson(string path)
    {
        try
        {
            return File.Exists(path) ? BpeTokenizer.Load(path) : null;
        }
        catch (TextException e)
        {
            throw new GemmaVkException(e.Message, e);
        }
    }

    private static BpeTokenizer Of(GgufVocabulary vocabulary)
    {
        VocabularyLists lists = new(vocabulary.File);
        for (int id = 0; id < vocabulary.Count; id++)
        {
            lists.Add(vocabulary[id], vocabulary.IsAdded(id), vocabulary.IsControl(id));
        }

        vocabulary.Merges(out byte[] text, out int[] starts);
        lists.SetMerges(text, starts);
        try
        {
            return BpeTokenizer.Of(lists);
        }
        catch (TextException e)
        {
            throw new GemmaVkException(e.Message, e);
        }
    }
}

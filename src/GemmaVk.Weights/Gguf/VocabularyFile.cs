using System;
using System.Collections.Generic;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf;

/// <summary>A GGUF file opened for its vocabulary alone: a model's, or one without weights.</summary>
public sealed class VocabularyFile : IDisposable
{
    private readonly List<GgufFile> _files;

    private VocabularyFile(List<GgufFile> files)
    {
        _files = files;
        Vocabulary = new GgufVocabulary(files[0].Metadata);
    }

    /// <summary>The vocabulary; valid until this is disposed.</summary>
    public GgufVocabulary Vocabulary { get; }

    /// <summary>Maps the file.</summary>
    /// <exception cref="GemmaVkException">It is damaged, or has no vocabulary of Gemma 4.</exception>
    public static VocabularyFile Open(string path)
    {
        List<GgufFile> files = GgufParts.Open(path);
        try
        {
            return new VocabularyFile(files);
        }
        catch
        {
            GgufParts.Close(files);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => GgufParts.Close(_files);
}

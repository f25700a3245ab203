using System.IO;
using Xunit;

namespace GemmaVk.Text.Tests;

/// <summary>A test that needs the real vocabulary beside the repository; it is skipped, visibly, where that is absent.</summary>
public sealed class RealVocabularyFactAttribute : FactAttribute
{
    public RealVocabularyFactAttribute()
    {
        if (!File.Exists(RealVocabulary.Source))
        {
            Skip = "needs shared/golden/tokenizer/ggml-vocab-gemma-4.gguf beside the repository";
        }
    }
}

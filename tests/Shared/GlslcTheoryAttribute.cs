using Xunit;

namespace GemmaVk.Shared;

/// <summary>Cases that compile shaders: skipped, visibly, where glslc is not installed.</summary>
internal sealed class GlslcTheoryAttribute : TheoryAttribute
{
    public GlslcTheoryAttribute() => Skip = GlslcFactAttribute.Missing();
}

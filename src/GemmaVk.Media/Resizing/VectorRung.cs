namespace GemmaVk.Media.Resizing;

/// <summary>The rungs of the ladder of vector widths, lowest first.</summary>
internal enum VectorRung
{
    Scalar,
    Vector128,
    Avx2,
    Avx512,
}

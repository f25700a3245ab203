using System.Runtime.CompilerServices;

namespace GemmaVk.Ilgpu.Formats;

/// <summary>Eight consecutive floats of a row, read at once.</summary>
internal struct Eight
{
    public float A;
    public float B;
    public float C;
    public float D;
    public float E;
    public float F;
    public float G;
    public float H;

    /// <summary>Dot product with eight weights, in column order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float Dot(float a, float b, float c, float d, float e, float f, float g, float h) =>
        (((A * a) + (B * b)) + ((C * c) + (D * d))) + (((E * e) + (F * f)) + ((G * g) + (H * h)));
}

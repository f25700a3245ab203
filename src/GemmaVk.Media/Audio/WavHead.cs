using System.Globalization;

namespace GemmaVk.Media.Audio;

/// <summary>What the header of a WAV file says.</summary>
/// <param name="Format">How samples lie; null where the codec is another's.</param>
/// <param name="Bytes">Bytes of samples; null where they last to the end.</param>
/// <param name="Said">Bytes of samples that the header gives and that cannot be: 0, or more than there are; else null.</param>
internal readonly record struct WavHead(WavFormat? Format, long? Bytes, long? Said)
{
    /// <summary>Says that a header gives other bytes of samples than came.</summary>
    public static string Note(WavFormat format, long said, long came)
    {
        double seconds = (double)(said - came) / format.FrameBytes / format.Rate;
        string lost = said <= came || said >= int.MaxValue ? ": they were read to the end"
            : seconds < 0.001 ? ""
            : string.Create(CultureInfo.InvariantCulture, $": {seconds:0.###} s are missing (a truncated file?)");
        return string.Create(CultureInfo.InvariantCulture, $"its header gives {said:N0} bytes of samples, but {came:N0} are there{lost}");
    }
}

namespace GemmaVk.Kernels.Measuring;

/// <summary>Hears of the calls that an <see cref="ObservedPass"/> hands on.</summary>
public interface IPassObserver
{
    /// <summary>A call is about to be handed on.</summary>
    void Begin(KernelCall call);

    /// <summary>The call returned.</summary>
    void End(KernelCall call);
}

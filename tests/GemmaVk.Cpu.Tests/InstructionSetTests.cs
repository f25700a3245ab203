using System.Runtime.InteropServices;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Cpu.Tests;

/// <summary>
/// Runs the kernel tests in child processes whose runtime hides instruction sets, so that the narrower variants are
/// shown to work where the wider instructions do not exist. The parent's own kernel tests run them by choice only.
/// </summary>
public class InstructionSetTests
{
    [Theory]
    [InlineData("DOTNET_EnableAVX512", InstructionSet.Avx2)]
    [InlineData("DOTNET_EnableAVXVNNI", null)]
    [InlineData("DOTNET_EnableAVX2", InstructionSet.Vector128)]
    [InlineData("DOTNET_EnableHWIntrinsic", InstructionSet.Vector128)]
    public async Task KernelTestsPassWithout(string variable, InstructionSet? left)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            // Elsewhere there is one variant, and the parent's kernel tests run it.
            Assert.Equal(InstructionSet.Vector128, new CpuBackend().Instructions);
            return;
        }

        // Dots of four bytes change products only, and no width.
        InstructionSet expected = left ?? CpuDescription.Best;
        // The portable variant without any intrinsics is a hundred times slower: there, the products stand for the rest.
        string filter = left is null
            ? KernelTestProcess.Products
            : variable == "DOTNET_EnableHWIntrinsic"
            ? "FullyQualifiedName~LargestValues|FullyQualifiedName~FirstSkips|FullyQualifiedName~OneHot|FullyQualifiedName~SoftCap|FullyQualifiedName~KvAppend|FullyQualifiedName~InstructionSetsAreHidden"
            : "FullyQualifiedName!~ReferenceGives";
        await KernelTestProcess.Passes(variable, "0", filter, expected);
    }
}

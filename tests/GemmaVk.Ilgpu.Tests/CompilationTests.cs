using System;
using System.Linq;
using System.Reflection;
using GemmaVk.Ilgpu.Devices;
using GemmaVk.Ilgpu.Kernels;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Tensors;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using Xunit;

namespace GemmaVk.Ilgpu.Tests;

/// <summary>Every kernel becomes code of devices that this machine need not have.</summary>
public class CompilationTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EveryKernelBecomesPtxAndOpenClC(bool cuda)
    {
        using Context context = Context.Create(builder => builder.Optimize(OptimizationLevel.O2));
        using Accelerator cpu = new CPUDevice(2, 1, 1).CreateCPUAccelerator(context);
        KernelLoader loader = new(cpu, cuda ? typeof(WarpLanes) : typeof(SharedLanes));
        _ = new IlgpuKernels(loader);
        Assert.True(loader.Kernels.Count > 30, $"{loader.Kernels.Count} kernels");
        using Backend backend = cuda
            ? new PTXBackend(context, CudaArchitecture.SM_75, CudaInstructionSet.ISA_64, null!)
            : new CLBackend(context, (CLCapabilityContext)Activator.CreateInstance(typeof(CLCapabilityContext), BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public, null, Flags(), null)!, CLDeviceVendor.Other, CLCVersion.CL20);
        foreach (ICompiledKernel kernel in loader.Kernels)
        {
            CompiledKernel compiled = backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel.Method), default);
            string code = compiled is PTXCompiledKernel ptx ? ptx.PTXAssembly : ((CLCompiledKernel)compiled).Source;
            // A function that ILGPU does not know would only be missed on the device.
            Assert.True(!code.Contains(".extern .func", StringComparison.Ordinal), $"{kernel.Name} ({kernel.Variant}) calls what no driver has");
            Assert.Equal(cuda && kernel.Variant.Contains(nameof(WarpLanes), StringComparison.Ordinal), code.Contains("shfl.", StringComparison.Ordinal));
            // Doubles are optional in OpenCL and slow on most cards.
            Assert.True(!code.Contains(cuda ? ".f64" : "double", StringComparison.Ordinal), $"{kernel.Name} ({kernel.Variant}) computes with doubles");
        }
    }

    [Fact]
    public void AKernelThatCannotBeCompiledNamesItselfTheDeviceAndTheCompilersWords()
    {
        using Context context = Context.Create(_ => { });
        using Accelerator cpu = new CPUDevice(2, 1, 1).CreateCPUAccelerator(context);
        IlgpuKernel<Call> kernel = new KernelLoader(cpu).Elements<Call>("Broken", Throws);
        GemmaVkException error = Assert.Throws<GemmaVkException>(kernel.Compile);
        Assert.StartsWith("kernel Broken ", error.Message, StringComparison.Ordinal);
        Assert.Contains(cpu.Name, error.Message, StringComparison.Ordinal);
        Assert.Contains("Throw", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GroupsFitTheDevice()
    {
        using Context context = Context.Create(_ => { });
        using Accelerator cpu = new CPUDevice(2, 1, 3).CreateCPUAccelerator(context);
        KernelLoader loader = new(cpu);
        KernelConfig few = loader.Grid(2, ownsRows: true);
        KernelConfig many = loader.Grid(1_000_000, ownsRows: false);
        Assert.Equal((2, 1), (few.GridDim.X, few.GroupDim.X));
        Assert.Equal((3, 1), (many.GridDim.X, many.GroupDim.X));
    }

    private static void Throws(Call call) => throw new InvalidOperationException($"{call.Value}");

    private static object[] Flags() => [.. typeof(CLCapabilityContext).GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)[0].GetParameters().Select(_ => (object)true)];

    internal readonly struct Call(int value)
    {
        public readonly int Value = value;
    }
}

using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Threading;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Tests;

/// <summary>What runs in a process of its own because that process ends badly, and how tests start it.</summary>
internal static class ChildProgram
{
    /// <summary>Runs a command of <see cref="Main"/>.</summary>
    /// <returns>Exit code and standard error.</returns>
    public static (int Code, string Error) Run(params string[] args) => Start("dotnet", [typeof(ChildProgram).Assembly.Location, .. args]);

    /// <summary>Runs a program to its end.</summary>
    public static (int Code, string Error) Start(string program, params string[] args)
    {
        ProcessStartInfo start = new(program, args) { RedirectStandardError = true };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }

    private static int Main(string[] args)
    {
        try
        {
            switch (args)
            {
                case ["fault", var path]:
                    return Fault(path);
                case ["fault-elsewhere", var path, var other]:
                    return FaultElsewhere(path, other);
                case ["quantize", var source, var target, var bytes]:
                    return QuantizeUntilKilled(source, target, long.Parse(bytes, CultureInfo.InvariantCulture));
                case ["quantize", var source, var target]:
                    Quantizer.Write(source, target, DType.Q4);
                    return 0;
                default:
                    return 99;
            }
        }
        catch (GemmaVkException error)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
    }

    private static int Fault(string path)
    {
        MappedFault.ExplainAndExit(1);
        // Opened and closed before: its entry is used again.
        SafetensorsFile.Open(path).Dispose();
        using SafetensorsFile file = SafetensorsFile.Open(path);
        FileTensor tensor = file.Tensors["x"];
        Shorten(path);
        // Several threads at once, and one that the runtime starts while they fall.
        Thread[] readers = new Thread[3];
        for (int i = 0; i < readers.Length; i++)
        {
            readers[i] = new Thread(() => Console.WriteLine(file.Bytes(tensor)[^1]));
            readers[i].Start();
        }

        Array.ForEach(readers, reader => reader.Join());
        return 98;
    }

    private static int FaultElsewhere(string path, string other)
    {
        MappedFault.ExplainAndExit(1);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        using MemoryMappedFile map = MemoryMappedFile.CreateFromFile(other, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        using MemoryMappedViewAccessor view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        Shorten(other);
        return view.ReadByte(view.Capacity - 1);
    }

    private static int QuantizeUntilKilled(string source, string target, long bytes)
    {
        using Checkpoint checkpoint = Checkpoint.Open(source);
        long written = 0;
        Quantizer.Write(
            checkpoint,
            target,
            DType.Q4,
            more =>
            {
                if (Interlocked.Add(ref written, more) >= bytes)
                {
                    Process.GetCurrentProcess().Kill();
                }
            },
            note: null,
            blocksPerSave: 8,
            CancellationToken.None);
        return 97;
    }

    private static void Shorten(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        stream.SetLength(100);
    }
}

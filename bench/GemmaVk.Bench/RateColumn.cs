using System;
using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Parameters;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace GemmaVk.Bench;

/// <summary>An amount per second of median time, or its share of the measured read bandwidth.</summary>
internal sealed class RateColumn(string name, Func<KernelBench, double> amount, bool share) : IColumn
{
    public string Id => name;

    public string ColumnName => name;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => share ? "bytes per second as a share of the measured read bandwidth" : $"{name} by the median time";

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        Statistics(summary, benchmarkCase, out double seconds);
        if (seconds == 0 || Activator.CreateInstance(benchmarkCase.Descriptor.Type) is not KernelBench bench)
        {
            return "-";
        }

        foreach (ParameterInstance parameter in benchmarkCase.Parameters.Items)
        {
            benchmarkCase.Descriptor.Type.GetProperty(parameter.Name, BindingFlags.Public | BindingFlags.Instance)?.SetValue(bench, parameter.Value);
        }

        double rate = amount(bench) / seconds;
        return share
            ? (rate / BenchBackends.Bandwidth(bench.Backend)).ToString("P0", CultureInfo.InvariantCulture)
            : rate.ToString("F1", CultureInfo.InvariantCulture);
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    private static void Statistics(Summary summary, BenchmarkCase benchmarkCase, out double seconds) =>
        seconds = (summary[benchmarkCase]?.ResultStatistics?.Median ?? 0) / 1e9;
}

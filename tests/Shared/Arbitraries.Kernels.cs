using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using GemmaVk.Tensors;

namespace GemmaVk.Shared;

// Sizes lie on and beside the edges of vectors, tiles and groups.
public static partial class Arbitraries
{
    public static Arbitrary<Rows> Rows => Draw.OneOf(0, 1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 31, 33, 64, 67).Convert(count => new Rows(count), size => size.Value);

    public static Arbitrary<FewRows> FewRows => Draw.Between(1, 8).Convert(count => new FewRows(count), size => size.Value);

    public static Arbitrary<Width> Widths =>
        Draw.OneOf(1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 96, 127, 256, 257, 640, 3840).Convert(count => new Width(count), size => size.Value);

    public static Arbitrary<EvenWidth> EvenWidths => Draw.OneOf(2, 6, 32, 34, 96, 256, 3840).Convert(count => new EvenWidth(count), size => size.Value);

    public static Arbitrary<HeadWidth> HeadWidths =>
        Draw.OneOf(2, 6, 8, 16, 30, 32, 34, 64, 96, 256, 512).Convert(count => new HeadWidth(count), size => size.Value);

    public static Arbitrary<GroupedHeadWidth> GroupedHeadWidths => Draw.OneOf(32, 64, 96, 256, 512).Convert(count => new GroupedHeadWidth(count), size => size.Value);

    public static Arbitrary<Heads> Heads => Draw.Between(1, 16).Convert(count => new Heads(count), size => size.Value);

    public static Arbitrary<KvHeads> KvHeads => Draw.Between(1, 8).Convert(count => new KvHeads(count), size => size.Value);

    public static Arbitrary<SpareRows> SpareRows => Draw.Between(0, 9).Convert(count => new SpareRows(count), size => size.Value);

    public static Arbitrary<Columns> Columns =>
        Draw.OneOf(32, 64, 96, 128, 160, 192, 224, 256, 288, 480, 512, 544, 576, 640, 672, 1024, 1056, 3840).Convert(count => new Columns(count), size => size.Value);

    public static Arbitrary<Outputs> Outputs => Draw.OneOf(1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 33, 64, 97).Convert(count => new Outputs(count), size => size.Value);

    public static Arbitrary<PatchRows> PatchRows => Draw.OneOf(0, 1, 2, 3, 5, 9).Convert(count => new PatchRows(count), size => size.Value);

    public static Arbitrary<PatchColumns> PatchColumns => Draw.OneOf(1, 2, 3, 5, 7, 13, 17).Convert(count => new PatchColumns(count), size => size.Value);

    public static Arbitrary<PatchSide> PatchSides => Draw.OneOf(2, 4, 8, 48).Convert(count => new PatchSide(count), size => size.Value);

    public static Arbitrary<WeightFormat> WeightFormats =>
        Draw.OneOf(DType.F32, DType.BF16, DType.F8E4M3, DType.Q8, DType.Q4, DType.Q8F16, DType.Q4F16, DType.Q4K, DType.Q5K, DType.Q6K).Convert(format => new WeightFormat(format), format => format.DType);

    public static Arbitrary<ProductKind> ProductKinds => Draw.OneOf<ProductKind>(
        new(DType.F32, false), new(DType.BF16, false), new(DType.F8E4M3, false), new(DType.Q8, false), new(DType.Q4, false), new(DType.Q8, true), new(DType.Q4, true),
        new(DType.Q8F16, false), new(DType.Q4F16, false), new(DType.Q8F16, true), new(DType.Q4F16, true),
        new(DType.Q4K, false), new(DType.Q5K, false), new(DType.Q6K, false), new(DType.Q4K, true), new(DType.Q5K, true), new(DType.Q6K, true));

    public static Arbitrary<Vocabulary> Vocabularies => Draw.OneOf(1, 2, 17, 64, 257, 1000, 4096, 5003).Convert(count => new Vocabulary(count), size => size.Value);

    public static Arbitrary<DrawShape> DrawShapes
    {
        get
        {
            Arbitrary<int> topK = Draw.OneOf(0, 1, 5, 64, 9999), rows = Draw.Between(1, 9);
            Arbitrary<float> topP = Draw.OneOf(1f, 0.95f, 0.5f, 0.01f), minP = Draw.OneOf(0f, 0.05f, 0.5f), temperature = Draw.OneOf(0f, 0.3f, 1f, 2f);
            Gen<DrawShape> shapes =
                from t in rows.Generator
                from k in topK.Generator
                from p in topP.Generator
                from m in minP.Generator
                from heat in temperature.Generator
                select new DrawShape(t, k, p, m, heat);
            return Arb.From<DrawShape>(
                shapes,
                shape =>
                [
                    .. rows.Shrinker(shape.T).Select(t => shape with { T = t }),
                    .. topK.Shrinker(shape.TopK).Select(k => shape with { TopK = k }),
                    .. topP.Shrinker(shape.TopP).Select(p => shape with { TopP = p }),
                    .. minP.Shrinker(shape.MinP).Select(m => shape with { MinP = m }),
                    .. temperature.Shrinker(shape.Temperature).Select(heat => shape with { Temperature = heat }),
                ]);
        }
    }

    public static Arbitrary<AttentionSizes> AttentionCalls
    {
        get
        {
            Arbitrary<(int H, int K)> heads = Draw.OneOf((2, 1), (4, 4), (4, 2), (6, 2), (16, 1));
            Arbitrary<int> width = Draw.OneOf(16, 24, 32, 64, 96, 256), start = Draw.OneOf(0, 1, 5, 63, 200, 255, 300, 700);
            Arbitrary<DType> format = Draw.OneOf(DType.F32, DType.F16, DType.Q8);
            Arbitrary<int> window = Draw.OneOf(0, 1, 16, 100, 256);
            Gen<AttentionSizes> shapes =
                from h in heads.Generator
                from w in width.Generator
                from s in start.Generator
                    // Every third has none.
                from reach in Gen.Frequency((1, Gen.Constant(0)), (5, window.Generator))
                from f in format.Generator
                from valuesOnly in Gen.Elements(true, false)
                select new AttentionSizes(h.H, h.K, w, s, reach, f, valuesOnly);
            return Arb.From<AttentionSizes>(
                shapes,
                shape =>
                [
                    .. heads.Shrinker((shape.H, shape.K)).Select(h => shape with { H = h.H, K = h.K }),
                    .. width.Shrinker(shape.W).Select(w => shape with { W = w }),
                    .. start.Shrinker(shape.Start).Select(s => shape with { Start = s }),
                    .. window.Shrinker(shape.Window).Select(reach => shape with { Window = reach }),
                    .. format.Shrinker(shape.Format).Select(f => shape with { Format = f }),
                    .. shape.ValuesOnly ? [shape with { ValuesOnly = false }] : (AttentionSizes[])[],
                ]);
        }
    }
}

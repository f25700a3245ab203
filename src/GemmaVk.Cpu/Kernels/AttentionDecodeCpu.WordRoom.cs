using GemmaVk.Cpu.Kernels.Attention;
using GemmaVk.Cpu.MachineCode.Attention;

namespace GemmaVk.Cpu.Kernels;

// Letters: P pairs of columns that rotate, W head width, t row.

/// <content>Where whole numbers of F16 rows lie.</content>
internal static unsafe partial class AttentionDecodeCpu
{
    /// <summary>A worker's memory, cut into pieces of whole cache lines.</summary>
    private readonly struct WordRoom
    {
        private readonly int _width;
        private readonly float* _row;
        private readonly long _rowFloats;

        public WordRoom(float* workspace, int W)
        {
            const int rows = WholeTile.Rows;
            Turned = workspace;
            Steps = Turned + (rows * (W + 16L));
            Row = Steps + rows;
            Keys = (short*)(Row + W);
            Pairs = Keys + (rows * WordScoreKernel.KeyStride / sizeof(short));
            _row = (float*)(Pairs + (rows / 2 * ValueKernel.WordPairStride / sizeof(short)));
            _rowFloats = WordFloats(W);
            _width = W;
        }

        /// <summary>[64, 2P + 16]: rebuilt columns.</summary>
        public float* Turned { get; }

        /// <summary>[64]: what a step of a row is, of keys and then of values.</summary>
        public float* Steps { get; }

        /// <summary>[W]: one row, widened in part.</summary>
        public float* Row { get; }

        /// <summary>[64] of the kernel's stride.</summary>
        public short* Keys { get; }

        /// <summary>[32] of the kernel's stride: values two by two.</summary>
        public short* Pairs { get; }

        /// <summary>[64, 16], and eight rows of scratch behind them.</summary>
        public float* Score(int t) => _row + (t * _rowFloats);

        /// <summary>[16].</summary>
        public float* Decay(int t) => Score(t) + ((WholeTile.Rows + ScoreKernel.Positions) * AttentionCode.Heads);

        /// <summary>[16]: what a step of the weighted values is.</summary>
        public float* Unit(int t) => Decay(t) + AttentionCode.Heads;

        /// <summary>[16].</summary>
        public float* QueryUnits(int t) => Unit(t) + AttentionCode.Heads;

        /// <summary>[2P, 16].</summary>
        public float* Turning(int t) => QueryUnits(t) + AttentionCode.Heads;

        /// <summary>Those columns that do not rotate, as the kernel reads them.</summary>
        public byte* Queries(int t) => (byte*)(Turning(t) + ((long)_width * AttentionCode.Heads));
    }
}

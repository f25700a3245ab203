// A row in registers as QuantizeRows rounds it: eight neighbouring invocations hold a group. Include after held_row.glsl and round_group.glsl.
shared uint heldTops[1024];  // largest magnitude of each vector of four
shared uint heldSteps[1024]; // their steps, packed in natural order

// Row t of D columns, a multiple of 32 and at most 4096; all invocations of the workgroup must call it.
void round_held(uint t, vec4 row[HELD])
{
    uint vectors = D / 4u;
    [[unroll]] for (uint i = 0; i < HELD; i++)
    {
        uvec4 bits = floatBitsToUint(row[i]) & 0x7fffffffu;
        if (held_column(i) < vectors) heldTops[held_column(i)] = max(max(bits.x, bits.y), max(bits.z, bits.w));
    }

    barrier(); // magnitudes of all vectors are written

    // 1 Steps, by the largest magnitude of the group; its first vector's owner writes the value of a step.
    float units[HELD];
    [[unroll]] for (uint i = 0; i < HELD; i++)
    {
        uint c = held_column(i);
        if (c >= vectors) continue;
        uint top = 0u;
        [[unroll]] for (uint n = 0; n < 8u; n++) top = max(top, heldTops[(c & ~7u) + n]);
        float absmax = uintBitsToFloat(top);
        float inverse = absmax == 0.0 ? 0.0 : 127.0 / absmax;
        heldSteps[c] = packed_bytes(ivec4(clamp(roundEven(row[i] * inverse), -127.0, 127.0)));
        units[i] = top < 0x7f800000u ? absmax / 127.0 : uintBitsToFloat(0x7fc00000u);
        if (c % 8u == 0u) unitsOut[t * (vectors / 8u) + c / 8u] = units[i];
    }

    barrier(); // steps of all vectors are written

    // 2 A word each: of four neighbours, or of the even or the odd ones of two vectors. And the sum of the group's steps.
    [[unroll]] for (uint i = 0; i < HELD; i++)
    {
        uint c = held_column(i);
        if (c >= vectors) continue;
        uint at = t * vectors + c;
        uint pair = (c & ~7u) + 2u * (c & 3u);
        uint shift = (c & 4u) * 2u;
        uint first = heldSteps[pair] >> shift;
        uint second = heldSteps[pair + 1u] >> shift;
        uint interleaved = (first & 255u) | (first >> 8 & 0xff00u) | (second & 255u) << 16 | (second & 0xff0000u) << 8;
        stepsOut[at / 4u][at % 4u] = EvenOdd == 1u ? interleaved : heldSteps[c];
        if (c % 8u != 0u) continue;
        int total = 0;
        [[unroll]] for (uint n = 0; n < 8u; n++)
        {
            int four = int(heldSteps[c + n]);
            total += bitfieldExtract(four, 0, 8) + bitfieldExtract(four, 8, 8) + bitfieldExtract(four, 16, 8) + (four >> 24);
        }

        sumsOut[at / 8u] = units[i] * float(total);
    }
}

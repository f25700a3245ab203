// Functions whose built-in forms are too inexact on some drivers.

// e^x by 2^n * e^r, |r| <= ln(2)/2: within 2 ulp on every device. Below -87 the result is zero; NaN, told by its bits, stays NaN.
float exp_exact(float x)
{
    precise float n = roundEven(clamp(x, -88.0, 88.0) * 1.44269504);
    precise float r = fma(n, -0.693145752, clamp(x, -88.0, 88.0));
    r = fma(n, -1.42860677e-6, r);
    precise float p = 1.9875691500e-4;
    p = fma(p, r, 1.3981999507e-3);
    p = fma(p, r, 8.3334519073e-3);
    p = fma(p, r, 4.1665795894e-2);
    p = fma(p, r, 1.6666665459e-1);
    p = fma(p, r, 5.0000001201e-1);
    p = fma(p, r * r, r) + 1.0;
    p = (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u ? x : p;
    return x < -87.0 ? 0.0 : p * uintBitsToFloat(uint(int(n) + 127) << 23);
}

// tanh without cancellation near zero and without overflow far from it.
float tanh_exact(float x)
{
    float a = abs(x);
    float z = x * x;
    float near = x * (1.0 + z * (-0.333333333 + z * (0.133333333 + z * (-0.0539682540 + z * (0.0218694885 - z * 0.00886323553)))));
    float far = 1.0 - 2.0 / (exp_exact(2.0 * (a > 20.0 ? 20.0 : a)) + 1.0);
    return a < 0.25 ? near : (x < 0.0 ? -far : far);
}

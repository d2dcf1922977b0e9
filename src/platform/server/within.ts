/**
 * What work comes to, unless that takes too long: then `late`, and nobody waits for the work any more. A plain timer: every
 * request passes here, and signals that abort cost it a third of its time.
 */
export function within<Value, Late>(
  work: Promise<Value>,
  limitMs: number,
  late: Late,
): Promise<Value | Late> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, limitMs, late);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

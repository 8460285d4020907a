let context: AudioContext | undefined;

/** chime plays two short notes. Nothing is heard before the visitor has clicked or typed in the chat. */
export function chime(): void {
  if (!navigator.userActivation.hasBeenActive) return;
  context ??= new AudioContext();
  for (const [at, pitch] of [
    [0, 660],
    [0.12, 880],
  ]) {
    const from = context.currentTime + at;
    const note = context.createOscillator();
    const loudness = context.createGain();
    note.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, from);
    loudness.gain.exponentialRampToValueAtTime(0.12, from + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, from + 0.4);
    note.connect(loudness).connect(context.destination);
    note.start(from);
    note.stop(from + 0.4);
  }
}

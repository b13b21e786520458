/** What a lesson of other systems is. */

/** A promise and where it is shown. */
export interface Lesson {
  /** What holds. */
  readonly promise: string;
  /** Files from the root, each with a part of the title of a test in it. */
  readonly shownBy: readonly (readonly [file: string, title: string])[];
}
